import { describe, expect, it, test } from 'vitest'
import { ConfigError } from '../../src/config/read-yaml.ts'
import { readSettings } from '../../src/config/settings.ts'

test('an empty environment is the sandbox on loopback with the embedded database in memory', () => {
  expect(readSettings({}, '/srv/deskgraph')).toEqual({
    host: '127.0.0.1',
    port: 4000,
    configFile: null,
    databaseUrl: null,
    dataDir: null,
    redisUrl: null,
    secretsKey: null,
    sandboxSystems: null,
    logLevel: null,
    proxies: { https: '', http: '', except: '' },
    performance: true,
  })
})

test('with a configuration file, the embedded database is in the working directory unless another is named', () => {
  expect(readSettings({ DESKGRAPH_CONFIG: 'd.yaml' }, '/srv')).toMatchObject({ configFile: 'd.yaml', dataDir: '/srv/.deskgraph' })
  expect(readSettings({ DESKGRAPH_CONFIG: 'd.yaml', DESKGRAPH_DATA_DIR: '/data' }, '/srv')).toMatchObject({ dataDir: '/data' })
})

test('DESKGRAPH_PERFORMANCE=off selects the plain parts, and any other word than on and off is refused', () => {
  expect(readSettings({ DESKGRAPH_PERFORMANCE: 'off' }, '/x')).toMatchObject({ performance: false })
  expect(readSettings({ DESKGRAPH_PERFORMANCE: 'on' }, '/x')).toMatchObject({ performance: true })
  expect(() => readSettings({ DESKGRAPH_PERFORMANCE: 'no' }, '/x')).toThrow(/DESKGRAPH_PERFORMANCE/)
})

test('HOST takes an IPv6 address with brackets, as URLs write it, and without', () => {
  expect(readSettings({ HOST: '[::1]' }, '/x').host).toBe('::1')
  expect(readSettings({ HOST: '::1' }, '/x').host).toBe('::1')
  expect(readSettings({ HOST: '[localhost]' }, '/x').host).toBe('[localhost]')
})

test('INPUT-11: a variable that was read from a file loses its line break', () => {
  const environment = {
    DATABASE_URL: 'postgres://h/d\n',
    REDIS_URL: 'redis://h\r\n',
    PORT: '4001\n',
    LOG_LEVEL: 'warn\n',
    HOST: ' ::1\n',
  }
  expect(readSettings({ ...environment, DESKGRAPH_CONFIG: 'd.yaml\n', DESKGRAPH_DATA_DIR: '/data\n' }, '/x')).toMatchObject({
    databaseUrl: 'postgres://h/d',
    redisUrl: 'redis://h',
    port: 4001,
    logLevel: 'warn',
    host: '::1',
    configFile: 'd.yaml',
    dataDir: '/data',
  })
})

test('an empty variable is an absent one', () => {
  expect(readSettings({ DATABASE_URL: '', PORT: '' }, '/x')).toMatchObject({ databaseUrl: null, port: 4000 })
})

test('every wrong variable is named at once, and no value is repeated', () => {
  const read = () => readSettings({ PORT: 'http', DATABASE_URL: 'mysql://root:hunter2@h/d', LOG_LEVEL: 'loud' }, '/x')
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(
    /PORT: must be a number .*\n.*DATABASE_URL: must begin with postgres:\/\/.*\n.*LOG_LEVEL: must be one of debug, /,
  )
  expect(read).not.toThrow(/hunter2/)
})

test('SANDBOX-05: the systems of the sandbox are names with commas or blanks between them', () => {
  const read = (text: string) => readSettings({ DESKGRAPH_SANDBOX: text }, '/x').sandboxSystems
  expect([read('zendesk,jira'), read(' zendesk , jira\n'), read('rbi'), read(''), read(',')]).toEqual([
    ['zendesk', 'jira'],
    ['zendesk', 'jira'],
    ['rbi'],
    null,
    [],
  ])
})

describe('UPSTREAM-37: the variables of proxies', () => {
  const read = (environment: Record<string, string>) => readSettings(environment, '/x').proxies

  it('name the proxies, in capitals or not', () => {
    expect(read({ HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'https://b:2', NO_PROXY: 'one.example, two.example' })).toEqual({
      https: 'http://a:1',
      http: 'https://b:2',
      except: 'one.example, two.example',
    })
    const both = { https_proxy: 'http://small', HTTPS_PROXY: 'http://LARGE', no_proxy: 'small', NO_PROXY: 'LARGE' }
    expect(read(both)).toEqual({ https: 'http://small', http: '', except: 'small' })
  })

  it('may leave out the scheme, and empty ones are none', () => {
    expect(read({ HTTPS_PROXY: 'proxy.example:3128', HTTP_PROXY: ' ', no_proxy: '' })).toEqual({
      https: 'http://proxy.example:3128',
      http: '',
      except: '',
    })
  })

  it.each(['socks5://proxy.example', 'ftp://proxy.example', 'http://', 'http:///x', 'http://a b', 'http://proxy:99999'])(
    'refuse "%s" by name, without the value',
    (value) => {
      const secret = value.replace('//', '//user:s3cret@')
      for (const url of [value, secret]) {
        const refused = () => read({ HTTPS_PROXY: url })
        expect(refused).toThrow(/HTTPS_PROXY: must be the http or https URL of a proxy/)
        expect(refused).not.toThrow(/s3cret/)
      }
    },
  )
})
