// Records like those of the GitHub archive: 600 bytes, nested, with some text beyond Latin-1.

const TYPES = ['PushEvent', 'CreateEvent', 'WatchEvent', 'IssuesEvent', 'ForkEvent', 'PullRequestEvent', 'IssueCommentEvent', 'DeleteEvent', 'GollumEvent', 'ReleaseEvent']

/** @param {number} index */
function event (index) {
  const login = `user${index * 7919 % 100_003}`
  return {
    id: String(2_489_651_045 + index),
    type: TYPES[index * 7 % TYPES.length],
    actor: { id: 665_991 + index, login, gravatar_id: '', url: `https://api.github.com/users/${login}`, avatar_url: `https://avatars.githubusercontent.com/u/${665_991 + index}?` },
    repo: { id: 28_688_495 + index, name: `${login}/project`, url: `https://api.github.com/repos/${login}/project` },
    payload: { push_id: 536_740_396 + index, size: index % 23, score: index * 7 % 101 / 4, ref: 'refs/heads/master', message: 'Größe prüfen — 日本語 and "quotes"', distinct: index % 3 === 0 },
    public: true,
    created_at: '2026-01-01T15:00:00Z'
  }
}

/**
 * At least `bytes` bytes of records: as lines, and as one JSON array.
 * @param {number} bytes
 */
export function eventTexts (bytes) {
  const lines = []
  for (let size = 0, index = 0; size < bytes; index++) {
    const line = JSON.stringify(event(index))
    lines.push(line)
    size += Buffer.byteLength(line) + 1
  }
  return { ndjson: Buffer.from(`${lines.join('\n')}\n`), array: Buffer.from(`[${lines.join(',')}]`), count: lines.length }
}
