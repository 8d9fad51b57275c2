/**
 * What Node is told when the server is started; the Dockerfile says the same. Most of what a log's lines leave behind dies
 * young, and so needs little room: of a young generation of 32 MiB (Node 20), or 64 (24), this leaves 16, and costs nothing
 * that could be measured. With 8 a search of a million lines took 37 major collections, with 32 two.
 */
export const NODE_FLAGS = ['--max-semi-space-size=8']
