/**
 * What Node is told when the server is started; the Dockerfile says the same. Most of what a log's lines leave behind dies
 * young, and so needs little room: of a young generation of 32 MiB (Node 20), or 64 (24), this leaves 8. A flood then costs
 * a twentieth more CPU than with 16, and ten searches and ten downloads at once take 8 MiB less.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4']
