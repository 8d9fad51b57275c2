/** A worker's thread: runs patterns that might stall, where that holds up nobody and can be ended. */
import { type Batch, findIn } from './find-batch.ts'

addEventListener('message', (event: MessageEvent<Batch>) => postMessage(findIn(event.data)))
