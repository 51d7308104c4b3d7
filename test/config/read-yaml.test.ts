import { expect, test } from 'vitest'
import * as z from 'zod'
import { ConfigError, readYaml } from '../../src/config/read-yaml.ts'

const schema = z.strictObject({
  url: z.string().min(1),
  token: z.string().min(1),
  nested: z.strictObject({ count: z.number() }).optional(),
})

function faultsOf(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    readYaml({ text, file: 'gateway.yaml', schema, environment })
  } catch (error) {
    if (error instanceof ConfigError) return error.lines
    throw error
  }
  return []
}

test('an environment variable replaces its reference, with a default where one is given', () => {
  const text = 'url: https://${HOST_NAME}/x\ntoken: "${TOKEN:-none}"\n'
  expect(readYaml({ text, file: 'gateway.yaml', schema, environment: { HOST_NAME: 'h' } })).toEqual({
    url: 'https://h/x',
    token: 'none',
  })
})

test('a value from the environment cannot change the structure of the file', () => {
  const read = readYaml({
    text: 'url: ${URL}\ntoken: t\n',
    file: 'gateway.yaml',
    schema,
    environment: { URL: 'x\ntoken: stolen' },
  })
  expect(read).toEqual({ url: 'x\ntoken: stolen', token: 't' })
})

test('every fault is reported at once with its place in the file', () => {
  expect(faultsOf('url: ""\ntoken: ${SECRET_TOKEN}\nnested:\n  count: many\n  colour: red\n')).toEqual([
    'gateway.yaml:2:8 token: the environment variable SECRET_TOKEN is not set; set it, or write a default: ${SECRET_TOKEN:-default}',
    expect.stringMatching(/^gateway\.yaml:1:6 url: /),
    expect.stringMatching(/^gateway\.yaml:4:10 nested\.count: .*number/),
    'gateway.yaml:5:11 nested.colour: this key is not known; correct its spelling or remove it',
  ])
})

test('a file that is not YAML says where', () => {
  expect(faultsOf('url: [1, 2\ntoken: x')[0]).toMatch(/^gateway\.yaml:2:\d+ not YAML: /)
})

test('no fault repeats a value of the environment', () => {
  const lines = faultsOf('url: 5\ntoken: t\nnested: ${SECRET}\n', { SECRET: 'canary-secret' })
  expect(lines).toHaveLength(2)
  expect(lines.join()).not.toContain('canary-secret')
})
