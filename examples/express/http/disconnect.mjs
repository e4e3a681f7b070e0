/**
 * A signal that aborts when the client goes away before it has its answer. Given to a task it frees the task's slot for those who still wait.
 *
 * @param {import('node:http').ServerResponse} res
 * @returns {AbortSignal}
 */
export function disconnectSignal (res) {
  const controller = new AbortController()
  // 'close' comes after every response: finished ones included.
  res.once('close', () => { if (!res.writableFinished) controller.abort() })
  if (res.destroyed) controller.abort()
  return controller.signal
}
