-- What wrk sends: the requests of a file, one after another and round again, each a line `METHOD <tab> path <tab> body`.
-- At the end it prints one line for bench_load.py to read.

local requests = {}
local turn = 0

function init(args)
   local headers = { ["Content-Type"] = "application/json" }
   for line in io.lines(args[1]) do
      local method, path, body = line:match("^(%S+)\t(%S+)\t?(.*)$")
      if body == "" then
         requests[#requests + 1] = wrk.format(method, path)
      else
         requests[#requests + 1] = wrk.format(method, path, headers, body)
      end
   end
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format(
      "RESULT %d %d %d %d %d\n",
      summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout + e.status,
      latency:percentile(50), latency:percentile(99)
   ))
end
