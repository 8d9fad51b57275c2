/** The version in package.json, put in by the bundler. */
declare const SLUICE_VERSION: string
