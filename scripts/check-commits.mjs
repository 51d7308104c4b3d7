// Checks the subjects of commits: Conventional Commits, at most 72 characters. Run it as `npm run lint:commits`.
// Only commits after the one that added this file are checked. In a shallow clone the oldest commit counts as that one.
import { execFileSync } from 'node:child_process'

const types = ['build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test']
const pattern = new RegExp(`^(${types.join('|')})(\\([a-z0-9 ,/-]+\\))?!?: \\S.*[^.\\s]$`)
const maxLength = 72

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim()

function problemOf(subject) {
  if (subject.length > maxLength) return `${subject.length} characters; at most ${maxLength} are allowed`
  if (!pattern.test(subject)) return 'not "type(scope): description" without a full stop at the end'
  return null
}

const [introduced] = git('log', '--diff-filter=A', '--format=%H', '--', 'scripts/check-commits.mjs').split('\n')
const lines = introduced ? git('log', '--no-merges', '--format=%h %s', `${introduced}..HEAD`).split('\n') : []
const problems = lines.filter(Boolean).flatMap((line) => {
  const [hash, ...words] = line.split(' ')
  const problem = problemOf(words.join(' '))
  return problem === null ? [] : [`${hash} "${words.join(' ')}": ${problem}`]
})
if (problems.length > 0) {
  console.error(problems.join('\n'))
  console.error(`The types are ${types.join(', ')}.`)
  process.exit(1)
}
