# Sluice as an image: one bundled file and the page, on Node. See docker-compose.yml for how to run it.

FROM node:24-alpine AS build
WORKDIR /src
# Before the sources, so that a change of those finds the dependencies in the cache.
COPY package.json package-lock.json .npmrc ./
# Runs no install scripts, see .npmrc: no package needs its own.
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-alpine
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Live Docker container logs in the browser: every line, once, in order"
# In a container the loopback address would be the container's own; who may reach it is for the published port to say.
ENV NODE_ENV=production \
    SLUICE_LISTEN=0.0.0.0
WORKDIR /sluice
# package.json is what makes server.js an ES module; THIRD-PARTY-LICENSES.txt comes along from dist.
COPY --from=build /src/package.json /src/dist/ ./
EXPOSE 8080
# No USER: see `user` in docker-compose.yml. Nothing here needs a capability, a writable file or a shell.
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=2 CMD ["node", "server.js", "--healthcheck"]
# The flag as in scripts/node-flags.js.
CMD ["node", "--max-semi-space-size=4", "server.js"]
