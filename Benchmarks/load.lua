-- wrk's side of a load: what to send, by `key=value` arguments, and one line of JSON at the end.
--   body=TEXT             POST this; without it, GET
--   first=N, count=N      append the id of one of `count` jobs, of which the first was made in millisecond N of the ids
--   stop=N                end after N answers
--   delay=MS              each connection waits a random time of up to 2 * MS before each request
--   timed=STATUS          count the answers by their status, and time those of one; needs a thread per connection

local threads = {}

function setup(thread)
   table.insert(threads, thread)
   thread:set("seed", os.time() + 1000 * #threads)
end

function init(arguments)
   local options = {}
   for _, argument in ipairs(arguments) do
      local key, value = argument:match("^(%w+)=(.*)$")
      options[key] = value
   end
   math.randomseed(seed)
   statuses, times = {}, {}
   if options.body then
      wrk.method, wrk.body = "POST", options.body
      wrk.headers["Content-Type"] = "application/json"
   end
   if options.first then
      local first, count = tonumber(options.first), tonumber(options.count)
      function request()
         -- A multiple of 2^18, so the number is exact.
         return wrk.format(nil, wrk.path .. string.format("%.0f", (first + math.random(0, count - 1)) * 2 ^ 18))
      end
   end
   if options.delay then
      local longest = 2 * tonumber(options.delay)
      function delay() return math.random(0, longest) end
   end
   if options.stop then
      local left = tonumber(options.stop)
      function response()
         left = left - 1
         if left == 0 then wrk.thread:stop() end
      end
   end
   if options.timed then
      local ffi = require("ffi")
      ffi.cdef("typedef struct { long seconds, nanoseconds; } moment; int clock_gettime(int, moment *);")
      local moment, timed, sent = ffi.new("moment"), tonumber(options.timed), 0
      local function milliseconds()
         ffi.C.clock_gettime(1, moment)
         return tonumber(moment.seconds) * 1e3 + tonumber(moment.nanoseconds) / 1e6
      end
      function request()
         sent = milliseconds()
         return wrk.format()
      end
      function response(status)
         statuses[status] = (statuses[status] or 0) + 1
         if status == timed then table.insert(times, milliseconds() - sent) end
      end
   end
end

function done(summary, latency)
   local counts, counted, timed = {}, {}, {}
   for _, thread in ipairs(threads) do
      for status, count in pairs(thread:get("statuses")) do counts[status] = (counts[status] or 0) + count end
      for _, time in pairs(thread:get("times")) do table.insert(timed, time) end
   end
   for status, count in pairs(counts) do table.insert(counted, string.format('"%d":%d', status, count)) end
   table.sort(timed)
   local errors = summary.errors
   io.write(string.format(
      '{"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"refused":%d,"broken":%d,"statuses":{%s},'
      .. '"timed_p99_ms":%f}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout, table.concat(counted, ","),
      timed[math.ceil(#timed * 0.99)] or 0
   ))
end
