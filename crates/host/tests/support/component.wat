;; A component that serves HTTP. What a test has it do stands in the exported function, at the end of the program.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))
  ))
  (alias export $poll "pollable" (type $pollable))

  (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
  (alias export $errors "error" (type $io-error))

  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $io-error (type $outer-error))
    (export "error" (type $error (eq $outer-error)))
    (export "input-stream" (type $input (sub resource)))
    (export "output-stream" (type $output (sub resource)))
    (type $failure' (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $failure (eq $failure')))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $input)) (param "len" u64) (result (result (list u8) (error $failure)))))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output)) (param "contents" (list u8)) (result (result (error $failure)))))
  ))
  (alias export $streams "input-stream" (type $input))
  (alias export $streams "output-stream" (type $output))

  (import "wasi:http/types@0.2.0" (instance $http
    (alias outer 1 $pollable (type $poll-pollable))
    (export "pollable" (type $pollable (eq $poll-pollable)))
    (alias outer 1 $input (type $outer-input))
    (export "input-stream" (type $input (eq $outer-input)))
    (alias outer 1 $output (type $outer-output))
    (export "output-stream" (type $output (eq $outer-output)))
    (export "fields" (type $fields (sub resource)))
    (export "incoming-request" (type $request (sub resource)))
    (export "incoming-body" (type $body (sub resource)))
    (export "future-trailers" (type $trailers (sub resource)))
    (export "outgoing-response" (type $response (sub resource)))
    (export "outgoing-request" (type $sent (sub resource)))
    (export "outgoing-body" (type $written (sub resource)))
    (export "incoming-response" (type $answer (sub resource)))
    (export "future-incoming-response" (type $coming (sub resource)))
    (export "request-options" (type $options (sub resource)))
    (type $scheme' (variant (case "HTTP") (case "HTTPS") (case "other" string)))
    (export "scheme" (type $scheme (eq $scheme')))
    (export "response-outparam" (type $out (sub resource)))

    ;; Never used, but whoever can answer must know them all.
    (type $text (option string))
    (type $small (option u32))
    (type $large (option u64))
    (type $dns' (record (field "rcode" $text) (field "info-code" (option u16))))
    (export "DNS-error-payload" (type $dns (eq $dns')))
    (type $alert' (record (field "alert-id" (option u8)) (field "alert-message" $text)))
    (export "TLS-alert-received-payload" (type $alert (eq $alert')))
    (type $field' (record (field "field-name" $text) (field "field-size" $small)))
    (export "field-size-payload" (type $field (eq $field')))
    (type $error' (variant
      (case "DNS-timeout") (case "DNS-error" $dns)
      (case "destination-not-found") (case "destination-unavailable")
      (case "destination-IP-prohibited") (case "destination-IP-unroutable")
      (case "connection-refused") (case "connection-terminated") (case "connection-timeout")
      (case "connection-read-timeout") (case "connection-write-timeout") (case "connection-limit-reached")
      (case "TLS-protocol-error") (case "TLS-certificate-error") (case "TLS-alert-received" $alert)
      (case "HTTP-request-denied") (case "HTTP-request-length-required")
      (case "HTTP-request-body-size" $large) (case "HTTP-request-method-invalid")
      (case "HTTP-request-URI-invalid") (case "HTTP-request-URI-too-long")
      (case "HTTP-request-header-section-size" $small) (case "HTTP-request-header-size" (option $field))
      (case "HTTP-request-trailer-section-size" $small) (case "HTTP-request-trailer-size" $field)
      (case "HTTP-response-incomplete")
      (case "HTTP-response-header-section-size" $small) (case "HTTP-response-header-size" $field)
      (case "HTTP-response-body-size" $large)
      (case "HTTP-response-trailer-section-size" $small) (case "HTTP-response-trailer-size" $field)
      (case "HTTP-response-transfer-coding" $text) (case "HTTP-response-content-coding" $text)
      (case "HTTP-response-timeout") (case "HTTP-upgrade-failed") (case "HTTP-protocol-error")
      (case "loop-detected") (case "configuration-error") (case "internal-error" $text)))
    (export "error-code" (type $error (eq $error')))

    (export "[method]incoming-request.consume"
      (func (param "self" (borrow $request)) (result (result (own $body)))))
    (export "[static]incoming-body.finish" (func (param "this" (own $body)) (result (own $trailers))))
    (export "[method]future-trailers.subscribe"
      (func (param "self" (borrow $trailers)) (result (own $pollable))))
    (export "[method]future-trailers.get" (func (param "self" (borrow $trailers))
      (result (option (result (result (option (own $fields)) (error $error)))))))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[constructor]outgoing-response"
      (func (param "headers" (own $fields)) (result (own $response))))
    (export "[method]outgoing-response.body"
      (func (param "self" (borrow $response)) (result (result (own $written)))))
    (export "[method]outgoing-response.set-status-code"
      (func (param "self" (borrow $response)) (param "status-code" u16) (result (result))))
    (export "[constructor]request-options" (func (result (own $options))))
    (type $duration (option u64))
    (export "[method]request-options.set-connect-timeout"
      (func (param "self" (borrow $options)) (param "duration" $duration) (result (result))))
    (export "[method]request-options.set-first-byte-timeout"
      (func (param "self" (borrow $options)) (param "duration" $duration) (result (result))))
    (export "[method]request-options.set-between-bytes-timeout"
      (func (param "self" (borrow $options)) (param "duration" $duration) (result (result))))
    (export "[constructor]outgoing-request" (func (param "headers" (own $fields)) (result (own $sent))))
    (export "[method]outgoing-request.set-scheme"
      (func (param "self" (borrow $sent)) (param "scheme" (option $scheme)) (result (result))))
    (export "[method]outgoing-request.set-authority"
      (func (param "self" (borrow $sent)) (param "authority" (option string)) (result (result))))
    (export "[method]outgoing-request.set-path-with-query"
      (func (param "self" (borrow $sent)) (param "path-with-query" (option string)) (result (result))))
    (export "[method]outgoing-request.body"
      (func (param "self" (borrow $sent)) (result (result (own $written)))))
    (export "[method]outgoing-body.write"
      (func (param "self" (borrow $written)) (result (result (own $output)))))
    (export "[static]outgoing-body.finish"
      (func (param "this" (own $written)) (param "trailers" (option (own $fields))) (result (result (error $error)))))
    (export "[method]incoming-body.stream"
      (func (param "self" (borrow $body)) (result (result (own $input)))))
    (export "[method]incoming-response.consume"
      (func (param "self" (borrow $answer)) (result (result (own $body)))))
    (export "[method]future-incoming-response.subscribe"
      (func (param "self" (borrow $coming)) (result (own $pollable))))
    (export "[method]future-incoming-response.get" (func (param "self" (borrow $coming))
      (result (option (result (result (own $answer) (error $error)))))))
    (export "[static]response-outparam.set"
      (func (param "param" (own $out)) (param "response" (result (own $response) (error $error)))))
  ))
  (alias export $http "incoming-request" (type $request))
  (alias export $http "future-trailers" (type $trailers))
  (alias export $http "response-outparam" (type $out))
  (alias export $http "outgoing-request" (type $sent))
  (alias export $http "request-options" (type $options))
  (alias export $http "future-incoming-response" (type $coming))
  (alias export $http "error-code" (type $error-code))

  (import "wasi:http/outgoing-handler@0.2.0" (instance $way-out
    (alias outer 1 $sent (type $sent'))
    (export "outgoing-request" (type $sent (eq $sent')))
    (alias outer 1 $options (type $options'))
    (export "request-options" (type $options (eq $options')))
    (alias outer 1 $coming (type $coming'))
    (export "future-incoming-response" (type $coming (eq $coming')))
    (alias outer 1 $error-code (type $error'))
    (export "error-code" (type $error (eq $error')))
    (export "handle" (func (param "request" (own $sent)) (param "options" (option (own $options)))
      (result (result (own $coming) (error $error)))))
  ))

  (import "fermyon:spin/sqlite@2.0.0" (instance $sqlite
    (export "connection" (type $connection (sub resource)))
    (type $failure' (variant (case "no-such-database") (case "access-denied")
      (case "invalid-connection") (case "database-full") (case "io" string)))
    (export "error" (type $failure (eq $failure')))
    (type $value' (variant (case "integer" s64) (case "real" f64) (case "text" string)
      (case "blob" (list u8)) (case "null")))
    (export "value" (type $value (eq $value')))
    (type $row' (record (field "values" (list $value))))
    (export "row-result" (type $row (eq $row')))
    (type $found' (record (field "columns" (list string)) (field "rows" (list $row))))
    (export "query-result" (type $found (eq $found')))
    (export "[static]connection.open"
      (func (param "database" string) (result (result (own $connection) (error $failure)))))
    (export "[method]connection.execute"
      (func (param "self" (borrow $connection)) (param "statement" string)
        (param "parameters" (list $value)) (result (result $found (error $failure)))))
  ))

  ;; The memory is there before the program, since calls of the host go through it.
  (core module $room
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 4096))
    ;; Room for what the host gives back; there is enough of it for one request.
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (local $start i32)
      (local.set $start (global.get $free))
      (global.set $free
        (i32.and (i32.const -8) (i32.add (i32.const 7) (i32.add (local.get $start) (local.get $size)))))
      (local.get $start)))
  (core instance $room (instantiate $room))
  (alias core export $room "memory" (core memory $memory))
  (alias core export $room "realloc" (core func $realloc))
  (core func $open
    (canon lower (func $sqlite "[static]connection.open") (memory $memory) (realloc $realloc)))
  (core func $execute
    (canon lower (func $sqlite "[method]connection.execute") (memory $memory) (realloc $realloc)))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $consume
    (canon lower (func $http "[method]incoming-request.consume") (memory $memory)))
  (core func $finish (canon lower (func $http "[static]incoming-body.finish")))
  (core func $subscribe (canon lower (func $http "[method]future-trailers.subscribe")))
  (core func $get-trailers
    (canon lower (func $http "[method]future-trailers.get") (memory $memory) (realloc $realloc)))
  (core func $fields (canon lower (func $http "[constructor]fields")))
  (core func $response (canon lower (func $http "[constructor]outgoing-response")))
  (core func $set (canon lower (func $http "[static]response-outparam.set") (memory $memory)))
  (core func $send
    (canon lower (func $way-out "handle") (memory $memory) (realloc $realloc)))
  (core func $status (canon lower (func $http "[method]outgoing-response.set-status-code")))
  (core func $options (canon lower (func $http "[constructor]request-options")))
  (core func $connect-timeout
    (canon lower (func $http "[method]request-options.set-connect-timeout")))
  (core func $first-byte-timeout
    (canon lower (func $http "[method]request-options.set-first-byte-timeout")))
  (core func $between-bytes-timeout
    (canon lower (func $http "[method]request-options.set-between-bytes-timeout")))
  (core func $new-request
    (canon lower (func $http "[constructor]outgoing-request")))
  (core func $scheme
    (canon lower (func $http "[method]outgoing-request.set-scheme") (memory $memory) (realloc $realloc)))
  (core func $authority
    (canon lower (func $http "[method]outgoing-request.set-authority") (memory $memory) (realloc $realloc)))
  (core func $path
    (canon lower (func $http "[method]outgoing-request.set-path-with-query") (memory $memory) (realloc $realloc)))
  (core func $request-body
    (canon lower (func $http "[method]outgoing-request.body") (memory $memory) (realloc $realloc)))
  (core func $response-body
    (canon lower (func $http "[method]outgoing-response.body") (memory $memory) (realloc $realloc)))
  (core func $written
    (canon lower (func $http "[method]outgoing-body.write") (memory $memory) (realloc $realloc)))
  (core func $finish-written
    (canon lower (func $http "[static]outgoing-body.finish") (memory $memory) (realloc $realloc)))
  (core func $stream
    (canon lower (func $http "[method]incoming-body.stream") (memory $memory) (realloc $realloc)))
  (core func $answer-body
    (canon lower (func $http "[method]incoming-response.consume") (memory $memory) (realloc $realloc)))
  (core func $subscribe-answer
    (canon lower (func $http "[method]future-incoming-response.subscribe")))
  (core func $get-answer
    (canon lower (func $http "[method]future-incoming-response.get") (memory $memory) (realloc $realloc)))
  (core func $read-some
    (canon lower (func $streams "[method]input-stream.blocking-read") (memory $memory) (realloc $realloc)))
  (core func $write-some
    (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))
  (core func $drop-input (canon resource.drop $input))
  (core func $drop-output (canon resource.drop $output))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $drop-trailers (canon resource.drop $trailers))
  (core func $drop-request (canon resource.drop $request))

  (core module $program
    (import "room" "memory" (memory 1))
    (import "host" "block" (func $block (param i32)))
    (import "host" "consume" (func $consume (param i32 i32)))
    (import "host" "finish" (func $finish (param i32) (result i32)))
    (import "host" "subscribe" (func $subscribe (param i32) (result i32)))
    (import "host" "get-trailers" (func $get-trailers (param i32 i32)))
    (import "host" "fields" (func $fields (result i32)))
    (import "host" "response" (func $response (param i32) (result i32)))
    (import "host" "set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
    (import "host" "handle" (func $send (param i32 i32 i32 i32)))
    (import "host" "status" (func $status (param i32 i32) (result i32)))
    (import "host" "options" (func $options (result i32)))
    (import "host" "connect-timeout" (func $connect-timeout (param i32 i32 i64) (result i32)))
    (import "host" "first-byte-timeout" (func $first-byte-timeout (param i32 i32 i64) (result i32)))
    (import "host" "between-bytes-timeout" (func $between-bytes-timeout (param i32 i32 i64) (result i32)))
    (import "host" "new-request" (func $new-request (param i32) (result i32)))
    (import "host" "scheme" (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
    (import "host" "authority" (func $authority (param i32 i32 i32 i32) (result i32)))
    (import "host" "path" (func $path (param i32 i32 i32 i32) (result i32)))
    (import "host" "request-body" (func $request-body (param i32 i32)))
    (import "host" "response-body" (func $response-body (param i32 i32)))
    (import "host" "written" (func $written (param i32 i32)))
    (import "host" "finish-written" (func $finish-written (param i32 i32 i32 i32)))
    (import "host" "stream" (func $stream (param i32 i32)))
    (import "host" "answer-body" (func $answer-body (param i32 i32)))
    (import "host" "subscribe-answer" (func $subscribe-answer (param i32) (result i32)))
    (import "host" "get-answer" (func $get-answer (param i32 i32)))
    (import "host" "read-some" (func $read-some (param i32 i64 i32)))
    (import "host" "write-some" (func $write-some (param i32 i32 i32 i32)))
    (import "host" "drop-input" (func $drop-input (param i32)))
    (import "host" "drop-output" (func $drop-output (param i32)))
    (import "host" "drop-pollable" (func $drop-pollable (param i32)))
    (import "host" "drop-trailers" (func $drop-trailers (param i32)))
    (import "host" "drop-request" (func $drop-request (param i32)))
    (import "host" "open" (func $open (param i32 i32 i32)))
    (import "host" "execute" (func $execute (param i32 i32 i32 i32 i32 i32)))

    (data (i32.const 64) "default")
    (data (i32.const 128) "PRAGMA user_version=1")
    (data (i32.const 192) "BEGIN IMMEDIATE")
    (data (i32.const 512) "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM a WHERE n<9999999) SELECT sum(n) FROM a")
    (data (i32.const 640) "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM a WHERE n<2999999) SELECT sum(n) FROM a")

    (data (i32.const 768) "swallows.spin.internal/")
    (data (i32.const 800) "ELSEWHERE")

    (global $served (mut i32) (i32.const 0))

    ;; Fails where this instance has served so many requests already.
    (func $at-most (param $requests i32)
      (if (i32.ge_u (global.get $served) (local.get $requests)) (then unreachable))
      (global.set $served (i32.add (global.get $served) (i32.const 1))))

    ;; Waits until the request's body is there, and keeps nothing of it.
    (func $await (param $request i32) (local $trailers i32) (local $pollable i32)
      (call $consume (local.get $request) (i32.const 0))
      ;; A result: whether it failed, and at 4 the body.
      (local.set $trailers (call $finish (i32.load (i32.const 4))))
      (local.set $pollable (call $subscribe (local.get $trailers)))
      (call $block (local.get $pollable))
      (call $drop-pollable (local.get $pollable))
      (call $drop-trailers (local.get $trailers)))

    (func $store (param $statement i32) (param $length i32)
      (call $open (i32.const 64) (i32.const 7) (i32.const 256))
      ;; A result: whether it failed, and at 4 the connection.
      (if (i32.load8_u (i32.const 256)) (then unreachable))
      (call $execute (i32.load (i32.const 260)) (local.get $statement) (local.get $length)
        (i32.const 0) (i32.const 0) (i32.const 256))
      (if (i32.load8_u (i32.const 256)) (then unreachable)))
    ;; The first bytes of a statement that, as a whole, writes.
    (func $read (call $store (i32.const 128) (i32.const 19)))
    (func $write (call $store (i32.const 128) (i32.const 21)))
    (func $begin (call $store (i32.const 192) (i32.const 15)))
    (func $read-for-a-while (call $store (i32.const 640) (i32.const 98)))
    (func $read-for-long (call $store (i32.const 512) (i32.const 98)))

    ;; The other half of a result, where it has not failed.
    (func $good (param $result i32) (result i32)
      (if (i32.load8_u (local.get $result)) (then unreachable))
      (i32.load (i32.add (local.get $result) (i32.const 4))))

    ;; Writes 4 MiB to a body, and ends it.
    (func $write-much (param $body i32) (local $output i32) (local $left i32)
      (call $written (local.get $body) (i32.const 256))
      (local.set $output (call $good (i32.const 256)))
      (local.set $left (i32.const 1024))
      (loop $more
        (call $write-some (local.get $output) (i32.const 0) (i32.const 4096) (i32.const 256))
        (drop (call $good (i32.const 256)))
        (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (call $drop-output (local.get $output))
      (call $finish-written (local.get $body) (i32.const 0) (i32.const 0) (i32.const 256))
      (drop (call $good (i32.const 256))))

    ;; Reads a body to its end, which has to be 4 MiB.
    (func $read-much (param $body i32) (local $input i32) (local $count i32)
      (drop (memory.grow (i32.const 100)))
      (call $stream (local.get $body) (i32.const 256))
      (local.set $input (call $good (i32.const 256)))
      (loop $more
        (call $read-some (local.get $input) (i64.const 65536) (i32.const 256))
        (if (i32.eqz (i32.load8_u (i32.const 256)))
          (then
            (local.set $count (i32.add (local.get $count) (i32.load (i32.const 264))))
            (br $more))))
      (if (i32.ne (local.get $count) (i32.const 4194304)) (then unreachable))
      (call $drop-input (local.get $input))
      (call $drop-trailers (call $finish (local.get $body))))

    ;; Answers, and gives the body that is still to be written.
    (func $begin-answer (param $out i32) (result i32) (local $response i32)
      (local.set $response (call $response (call $fields)))
      (call $response-body (local.get $response) (i32.const 256))
      (call $set (local.get $out) (i32.const 0) (local.get $response)
        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (call $good (i32.const 256)))

    ;; Answers with a large body.
    (func $pour (param $out i32)
      (call $write-much (call $begin-answer (local.get $out))))

    ;; Reads a large body, and answers with another.
    (func $swallow (param $request i32) (param $out i32)
      (call $consume (local.get $request) (i32.const 256))
      (call $read-much (call $good (i32.const 256)))
      (call $pour (local.get $out)))

    ;; Answers with what the request has, as it comes, to the trailers.
    (func $echo (param $request i32) (param $out i32)
      (local $body i32) (local $input i32) (local $written i32) (local $output i32) (local $trailers i32) (local $pollable i32)
      (call $consume (local.get $request) (i32.const 256))
      (local.set $body (call $good (i32.const 256)))
      (call $stream (local.get $body) (i32.const 256))
      (local.set $input (call $good (i32.const 256)))
      (local.set $written (call $begin-answer (local.get $out)))
      (call $written (local.get $written) (i32.const 256))
      (local.set $output (call $good (i32.const 256)))
      (loop $more
        (call $read-some (local.get $input) (i64.const 4096) (i32.const 256))
        (if (i32.eqz (i32.load8_u (i32.const 256)))
          (then
            (call $write-some (local.get $output) (i32.load (i32.const 260)) (i32.load (i32.const 264)) (i32.const 256))
            (drop (call $good (i32.const 256)))
            (br $more))))
      (call $drop-input (local.get $input))
      (call $drop-output (local.get $output))
      (local.set $trailers (call $finish (local.get $body)))
      (local.set $pollable (call $subscribe (local.get $trailers)))
      (call $block (local.get $pollable))
      (call $drop-pollable (local.get $pollable))
      (call $get-trailers (local.get $trailers) (i32.const 256))
      (if (i32.load8_u (i32.const 272)) (then unreachable))
      (call $drop-trailers (local.get $trailers))
      (call $finish-written (local.get $written) (i32.load8_u (i32.const 280)) (i32.load (i32.const 284)) (i32.const 256))
      (drop (call $good (i32.const 256)))
      (call $drop-request (local.get $request)))

    ;; A request to an address in memory, by http or https (0 or 1); its path is /.
    (func $request-to (param $scheme i32) (param $address i32) (param $length i32) (result i32) (local $sent i32)
      (local.set $sent (call $new-request (call $fields)))
      (drop (call $scheme (local.get $sent) (i32.const 1) (local.get $scheme) (i32.const 0) (i32.const 0)))
      (drop (call $authority (local.get $sent) (i32.const 1) (local.get $address) (local.get $length)))
      (drop (call $path (local.get $sent) (i32.const 1) (i32.const 790) (i32.const 1)))
      (local.get $sent))

    ;; Waits for what came of a request: at 272 is whether it failed, at 280 the answer or the error.
    (func $outcome (param $coming i32) (local $pollable i32)
      (local.set $pollable (call $subscribe-answer (local.get $coming)))
      (call $block (local.get $pollable))
      (call $drop-pollable (local.get $pollable))
      (call $get-answer (local.get $coming) (i32.const 256))
      ;; There, and not taken before.
      (if (i32.ne (i32.load8_u (i32.const 256)) (i32.const 1)) (then unreachable))
      (if (i32.load8_u (i32.const 264)) (then unreachable)))

    ;; Sends a large body to the component that swallows, and reads the large answer.
    (func $feed (local $sent i32) (local $body i32)
      (local.set $sent (call $request-to (i32.const 0) (i32.const 768) (i32.const 22)))
      (call $request-body (local.get $sent) (i32.const 256))
      (local.set $body (call $good (i32.const 256)))
      (call $send (local.get $sent) (i32.const 0) (i32.const 0) (i32.const 256))
      (if (i32.load8_u (i32.const 256)) (then unreachable))
      ;; Behind the discriminant, as far as an error would be.
      (local.set $sent (i32.load (i32.const 264)))
      (call $write-much (local.get $body))
      (call $outcome (local.get $sent))
      (if (i32.load8_u (i32.const 272)) (then unreachable))
      (call $answer-body (i32.load (i32.const 280)) (i32.const 256))
      (call $read-much (call $good (i32.const 256))))

    ;; Sends a request elsewhere, and gives the status that tells what came of it: 400 and the number of the error.
    (func $ask (param $scheme i32) (param $options i32) (result i32) (local $sent i32)
      (local.set $sent (call $request-to (local.get $scheme) (i32.const 800) (i32.const 9 (;long;))))
      (call $send (local.get $sent) (i32.ne (local.get $options) (i32.const 0)) (local.get $options) (i32.const 256))
      (if (i32.load8_u (i32.const 256)) (then unreachable))
      (call $outcome (i32.load (i32.const 264)))
      (if (result i32) (i32.load8_u (i32.const 272))
        (then (i32.add (i32.const 400) (i32.load8_u (i32.const 280))))
        (else (i32.const 200))))

    ;; Reads the answer to its end: 200, or 299 where it breaks off.
    (func $read-answer (result i32) (local $body i32) (local $input i32)
      (call $answer-body (i32.load (i32.const 280)) (i32.const 256))
      (local.set $body (call $good (i32.const 256)))
      (call $stream (local.get $body) (i32.const 256))
      (local.set $input (call $good (i32.const 256)))
      (loop $more
        (call $read-some (local.get $input) (i64.const 4096) (i32.const 256))
        (br_if $more (i32.eqz (i32.load8_u (i32.const 256)))))
      (call $drop-input (local.get $input))
      ;; Closed, or failed.
      (select (i32.const 200) (i32.const 299) (i32.load8_u (i32.const 260))))

    ;; Asks elsewhere, and reads the answer where there is one.
    (func $fetch (param $scheme i32) (param $options i32) (result i32) (local $status i32)
      (local.set $status (call $ask (local.get $scheme) (local.get $options)))
      (if (result i32) (i32.eq (local.get $status) (i32.const 200))
        (then (call $read-answer))
        (else (local.get $status))))

    ;; Answers with a status.
    (func $tell (param $out i32) (param $status i32) (local $response i32)
      (local.set $response (call $response (call $fields)))
      (drop (call $status (local.get $response) (local.get $status)))
      (call $set (local.get $out) (i32.const 0) (local.get $response)
        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))

    ;; Answers 200.
    (func $answer (param $out i32)
      (call $set (local.get $out)
        (i32.const 0) (call $response (call $fields))
        ;; The room of an error that is none.
        (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))

    (func (export "handle") (param $request i32) (param $out i32)
      BODY))
  (core instance $program (instantiate $program
    (with "room" (instance $room))
    (with "host" (instance
      (export "block" (func $block))
      (export "consume" (func $consume))
      (export "finish" (func $finish))
      (export "subscribe" (func $subscribe))
      (export "get-trailers" (func $get-trailers))
      (export "fields" (func $fields))
      (export "response" (func $response))
      (export "set" (func $set))
      (export "handle" (func $send))
      (export "status" (func $status))
      (export "options" (func $options))
      (export "connect-timeout" (func $connect-timeout))
      (export "first-byte-timeout" (func $first-byte-timeout))
      (export "between-bytes-timeout" (func $between-bytes-timeout))
      (export "new-request" (func $new-request))
      (export "scheme" (func $scheme))
      (export "authority" (func $authority))
      (export "path" (func $path))
      (export "request-body" (func $request-body))
      (export "response-body" (func $response-body))
      (export "written" (func $written))
      (export "finish-written" (func $finish-written))
      (export "stream" (func $stream))
      (export "answer-body" (func $answer-body))
      (export "subscribe-answer" (func $subscribe-answer))
      (export "get-answer" (func $get-answer))
      (export "read-some" (func $read-some))
      (export "write-some" (func $write-some))
      (export "drop-input" (func $drop-input))
      (export "drop-output" (func $drop-output))
      (export "drop-pollable" (func $drop-pollable))
      (export "drop-trailers" (func $drop-trailers))
      (export "drop-request" (func $drop-request))
      (export "open" (func $open))
      (export "execute" (func $execute))))))

  (func $handle (param "request" (own $request)) (param "response-out" (own $out))
    (canon lift (core func $program "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler))
)
