-- What wrk sends: the requests of a file, one after another and round again, each a line `METHOD <tab> path <tab> token <tab> body`.
-- At the end it prints one line for bench_load.py to read.

local requests = {}
local turn = 0

function init(args)
   for line in io.lines(args[1]) do
      local method, path, token, body = line:match("^(%S+)\t(%S+)\t(%S*)\t(.*)$")
      local headers = {}
      if token ~= "" then
         headers["Authorization"] = "Bearer " .. token
      end
      if body ~= "" then
         headers["Content-Type"] = "application/json"
         requests[#requests + 1] = wrk.format(method, path, headers, body)
      else
         requests[#requests + 1] = wrk.format(method, path, headers)
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
