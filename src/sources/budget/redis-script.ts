// The rules of `call-window.ts` for all replicas together: each script is one atomic step of Redis. A change belongs in both places, and
// test/sources/budget/shared-store.test.ts compares them.

/**
 * A window is a hash: `s:<slot>:<priority>` has the calls of a slot, `n` all calls so far, `learned` the vendor's own number, `closed` the end of
 * a 429, `capN` and `capUntil` the vendor's present window, `pu` and `pp` the peaks of people and polling with their times, `lp` and `lx` the
 * last calls that polling and exports keep their distance from. Times are milliseconds by the clock of Redis, or by the first argument in tests.
 */
const shared = `
local function int(number) return string.format('%.0f', number) end
local function readNow(argument)
  if argument ~= '' then return tonumber(argument) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function load(key, w, now)
  w.key, w.slots, w.used = key, {}, { user = 0, polling = 0, export = 0 }
  w.n, w.closed, w.capN, w.capUntil, w.pu, w.puAt, w.pp, w.ppAt, w.lp, w.lx = 0, 0, 0, 0, 0, 0, 0, 0, -1e15, -1e15
  local flat, old = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    local slot, priority = string.match(flat[i], '^s:(%d+):(%a+)$')
    if not slot then
      w[flat[i]] = tonumber(flat[i + 1])
    elseif (tonumber(slot) + 1) * w.slotMs + w.windowMs <= now then
      old[#old + 1] = flat[i]
    else
      slot = tonumber(slot)
      local counted = w.slots[slot] or { user = 0, polling = 0, export = 0 }
      counted[priority] = tonumber(flat[i + 1])
      w.slots[slot] = counted
      w.used[priority] = w.used[priority] + counted[priority]
    end
  end
  if #old > 0 then redis.call('HDEL', key, unpack(old)) end
  if w.calls then
    if w.learned then w.calls = w.isOwn and math.min(w.calls, w.learned) or w.learned end
    w.calls = math.max(1, math.floor(w.calls))
  end
  return w
end
local function keep(w) redis.call('PEXPIRE', w.key, int(w.windowMs * 10 + 60000)) end
`

const rules = `
local slotsPerWindow, margin, recentFactor, pollingFloor, pollingShare, maxRecheckMs = 60, 1.1, 3, 0.05, 0.2, 5000
local function waitForRoom(w, excess, now, withUsers)
  if excess <= 0 then return 0 end
  local order = {}
  for slot in pairs(w.slots) do order[#order + 1] = slot end
  table.sort(order)
  local freed, ends = 0, now + w.slotMs
  for _, slot in ipairs(order) do
    local counted = w.slots[slot]
    freed = freed + counted.polling + counted.export + (withUsers and counted.user or 0)
    ends = (slot + 1) * w.slotMs + w.windowMs
    if freed >= excess then return ends - now end
  end
  return ends - now + w.windowMs
end
local function peak(value, at, w, now) return value * 0.5 ^ (math.max(0, now - at) / (2 * w.windowMs)) end
local function expectedOfUsers(w, now)
  local quarterMs, since, recent = w.windowMs / 4, now, 0
  for slot, counted in pairs(w.slots) do
    if counted.user > 0 then
      local start = slot * w.slotMs
      since = math.min(since, start)
      if start > now - quarterMs then recent = recent + counted.user end
    end
  end
  local passedMs = math.min(w.windowMs, math.max(quarterMs, now - since))
  return math.max(w.used.user * w.windowMs / passedMs, recent * recentFactor)
end
local function waitBehindUsers(w, need, priority, now)
  local forUsers = 0
  if w.keepForUsers > 0 then
    local expected = math.max(peak(w.pu, w.puAt, w, now), expectedOfUsers(w, now)) * margin
    forUsers = math.max(w.calls * w.keepForUsers, expected)
  end
  local left = math.floor(w.calls - forUsers)
  local room
  if priority == 'polling' then
    room = math.max(left, math.ceil(w.calls * pollingFloor))
  else
    room = math.floor(left - math.max(0, math.min(peak(w.pp, w.ppAt, w, now), w.calls * pollingShare) - w.used.polling))
  end
  local recheckMs = math.min(w.windowMs / 10, maxRecheckMs)
  if room < need then return recheckMs end
  local last = priority == 'polling' and w.lp or w.lx
  local wait = math.max(0, waitForRoom(w, w.used.polling + w.used.export + need - room, now, false), last + w.windowMs / room - now)
  if w.capUntil > now and w.capN - w.n - need < forUsers * (w.capUntil - now) / w.windowMs then wait = math.max(wait, recheckMs) end
  return wait
end
local function waitMs(w, cost, priority, now)
  local need = math.min(cost, w.calls)
  local used = w.used.user + w.used.polling + w.used.export
  local wait = math.max(0, w.closed - now, waitForRoom(w, used + w.ahead + need - w.calls, now, true))
  if w.capUntil > now and w.n + w.ahead + need > w.capN then wait = math.max(wait, w.capUntil - now) end
  if priority ~= 'user' then wait = math.max(wait, waitBehindUsers(w, need, priority, now)) end
  return wait
end
local function take(w, cost, priority, now)
  local slot = math.floor(now / w.slotMs)
  redis.call('HINCRBY', w.key, 's:' .. int(slot) .. ':' .. priority, int(cost))
  local fields = { 'n', int(w.n + cost) }
  local function set(name, value) fields[#fields + 1] = name; fields[#fields + 1] = value end
  if priority ~= 'user' then set('lx', int(now)) end
  if priority == 'polling' then set('lp', int(now)) end
  if priority == 'user' then
    set('pu', string.format('%.17g', math.max(peak(w.pu, w.puAt, w, now), w.used.user + cost))); set('puAt', int(now))
  elseif priority == 'polling' then
    set('pp', string.format('%.17g', math.max(peak(w.pp, w.ppAt, w, now), w.used.polling + cost))); set('ppAt', int(now))
  end
  redis.call('HSET', w.key, unpack(fields))
  keep(w)
  return int(slot), int(w.n + cost)
end
`

/**
 * Takes a place in every window, or in none. ARGV: now or '', priority; then for each key: calls, isOwn, windowMs, slotMs, keepForUsers,
 * ahead, cost. Returns `taken` with the slot and the order for each key, or `wait` with milliseconds and the number of the key that it is for.
 */
export const takeScript = `${shared}${rules}
local now, priority = readNow(ARGV[1]), ARGV[2]
local windows, longest, heldBy = {}, 0, 0
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 7
  local w = { calls = tonumber(ARGV[at + 1]), isOwn = ARGV[at + 2] == '1', windowMs = tonumber(ARGV[at + 3]), slotMs = tonumber(ARGV[at + 4]),
    keepForUsers = tonumber(ARGV[at + 5]), ahead = tonumber(ARGV[at + 6]), cost = tonumber(ARGV[at + 7]) }
  windows[i] = load(key, w, now)
  local wait = waitMs(w, w.cost, priority, now)
  if wait > longest then longest, heldBy = wait, i end
end
if longest > 0 then return { 'wait', string.format('%.3f', longest), int(heldBy) } end
local taken = { 'taken' }
for _, w in ipairs(windows) do
  local slot, order = take(w, w.cost, priority, now)
  taken[#taken + 1] = slot
  taken[#taken + 1] = order
end
return taken`

/**
 * Ends a call. ARGV: now or '', priority, sent; then for each key: windowMs, slotMs, slot, order, closedForMs, total, remaining, resetsInMs, cost.
 * An empty argument says nothing.
 */
export const endScript = `${shared}
local now, priority, sent = readNow(ARGV[1]), ARGV[2], tonumber(ARGV[3])
for i, key in ipairs(KEYS) do
  local at = 3 + (i - 1) * 9
  local w = load(key, { windowMs = tonumber(ARGV[at + 1]), slotMs = tonumber(ARGV[at + 2]) }, now)
  local slot, order = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local closedForMs, total = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local remaining, resetsInMs, cost = tonumber(ARGV[at + 7]), tonumber(ARGV[at + 8]), tonumber(ARGV[at + 9])
  local counted = w.slots[slot]
  if counted then redis.call('HSET', key, 's:' .. int(slot) .. ':' .. priority, int(math.max(0, counted[priority] - cost))) end
  if sent > 0 then redis.call('HINCRBY', key, 's:' .. int(math.floor(now / w.slotMs)) .. ':' .. priority, int(cost * sent)) end
  if closedForMs then redis.call('HSET', key, 'closed', int(math.max(w.closed, now + closedForMs))) end
  if total and total > 0 then redis.call('HSET', key, 'learned', int(total)) end
  if remaining then
    local ends, cap = now + (resetsInMs or w.windowMs), order + remaining
    if resetsInMs and w.capUntil > now and ends <= w.capUntil + 1500 then cap, ends = math.min(w.capN, cap), math.min(w.capUntil, ends) end
    redis.call('HSET', key, 'capN', int(cap), 'capUntil', int(ends))
  end
  keep(w)
end
return 1`

/**
 * Adds what a replica counted alone. The last keys are the set of replicas and the mark of this one. ARGV: now or '', the replica's id, the number
 * of entries, and for each entry: the number of its key, windowMs, slot, priority, calls, and whether the replica made them while Redis was away:
 * others are added only where Redis has lost the mark, and so all that it knew. Then for each window: calls, isOwn, windowMs, slotMs. Returns the
 * number of replicas, and for each window its calls and how many are left.
 */
export const syncScript = `${shared}
local now, entries = readNow(ARGV[1]), tonumber(ARGV[3])
local replicas, mark = KEYS[#KEYS - 1], KEYS[#KEYS]
redis.call('ZADD', replicas, int(now), ARGV[2])
redis.call('ZREMRANGEBYSCORE', replicas, '-inf', int(now - 20000))
redis.call('PEXPIRE', replicas, 60000)
local isKnown = redis.call('EXISTS', mark) == 1
redis.call('SET', mark, '1', 'PX', 3600000)
local at = 3
for _ = 1, entries do
  local i, windowMs = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  if ARGV[at + 6] == '1' or not isKnown then
    redis.call('HINCRBY', KEYS[i], 's:' .. ARGV[at + 3] .. ':' .. ARGV[at + 4], ARGV[at + 5])
    redis.call('HINCRBY', KEYS[i], 'n', ARGV[at + 5])
    keep({ key = KEYS[i], windowMs = windowMs })
  end
  at = at + 6
end
local result = { int(redis.call('ZCARD', replicas)) }
for i = 1, #KEYS - 2 do
  local w = { calls = tonumber(ARGV[at + 1]), isOwn = ARGV[at + 2] == '1', windowMs = tonumber(ARGV[at + 3]), slotMs = tonumber(ARGV[at + 4]) }
  load(KEYS[i], w, now)
  local left = w.calls - w.used.user - w.used.polling - w.used.export
  if w.closed > now then left = 0 end
  if w.capUntil > now then left = math.min(left, w.capN - w.n) end
  result[#result + 1] = int(w.calls)
  result[#result + 1] = int(math.max(0, left))
  at = at + 4
end
return result`
