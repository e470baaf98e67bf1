{{/*
The services: the one place that says what each is, and who may call whom. It follows spin.toml, and all else follows it:
SpinApps and their variables, routes, NetworkPolicies, AuthorizationPolicies.
  routes      what is served to the outside, as spin.toml has it: with /... it is the path itself and all below it
  grpc        the same, of what speaks gRPC
  health      liveness is at …/healthz, readiness at …/healthy
  calls       the siblings it calls
  plain       settings of its own that are no secrets, as spin.toml names them
  storage     whether it calls the Data API
  tokens      whether it verifies tokens
  resend      writes that may be sent again, each a path that takes POST with the header idempotency-key
  signs       whether it signs them: it alone gets the signing key
  firstStaff  whether it makes the first of the staff: it alone gets their password
*/}}
{{- define "cinema.services" -}}
movies:
  routes: [/movies/...]
  grpc: [/cinema.v1.Movies/...]
  health: /movies
  calls: [showtimes]
  plain: [time_zone]
  storage: true
  tokens: true
showtimes:
  routes: [/showtimes/...]
  grpc: [/cinema.v1.Showtimes/...]
  health: /showtimes
  calls: [movies, bookings]
  plain: [time_zone]
  storage: true
  tokens: true
bookings:
  routes: [/bookings/...]
  grpc: [/cinema.v1.Bookings/...]
  health: /bookings
  calls: [movies, showtimes, users]
  plain: [time_zone, seats_per_customer]
  resend: [/bookings]
  storage: true
  tokens: true
users:
  routes: [/users/...]
  grpc: [/cinema.v1.Users/...]
  health: /users
  calls: [movies, showtimes, bookings]
  plain: [time_zone, trusted_proxies]
  storage: true
  tokens: true
  firstStaff: true
auth:
  routes: [/auth/...]
  grpc: [/cinema.v1.Auth/...]
  health: /auth
  calls: []
  plain: [trusted_proxies]
  storage: true
  tokens: true
  signs: true
docs:
  routes: [/docs/..., /openapi.json]
  grpc:
    - /grpc.health.v1.Health/...
    - /grpc.reflection.v1.ServerReflection/...
    - /grpc.reflection.v1alpha.ServerReflection/...
  health: /docs
  calls: [movies, showtimes, bookings, users, auth]
website:
  routes: [/...]
  health: /website
  calls: [movies, showtimes, bookings, users, auth]
  plain: [time_zone, trusted_proxies, cinema_name, image_sources]
  tokens: true
{{- end }}

{{/*
What is deployed, as {"apps": […], "all": […]}: one app a service, or one of all of them; and besides, in `all`, with storage mongodb
the gateway to it. Each has
  name       of the app, its Service and its ServiceAccount
  component  for the label
  port       that its container listens on
  calls      components that it calls over the network
  own        values of its own, over those for all
Apps also have
  select     the components to run; none means all
  services   that are in it
  grpc       whether any of them speaks it
  health     where its health is
  siblings   services whose addresses it is told
  storage    whether it calls a Data API that is not of this chart
  plain, tokens, signs, firstStaff   as above
and the gateway toMongodb.
*/}}
{{- define "cinema.apps" -}}
{{- $services := include "cinema.services" . | fromYaml -}}
{{- $values := .Values -}}
{{- $kind := include "cinema.storage" . -}}
{{- $prefix := .Release.Name -}}
{{- $port := include "cinema.port" . -}}
{{- $gateway := ternary (list "data-api-gateway") list (eq $kind "mongodb") -}}
{{- $apps := list -}}
{{- if eq .Values.shape "together" -}}
  {{- $siblings := list -}}
  {{- $plain := list -}}
  {{- range $services }}
    {{- $siblings = concat $siblings .calls }}
    {{- $plain = concat $plain (.plain | default list) }}
  {{- end -}}
  {{- $apps = append $apps (dict
    "name" $prefix "component" "app" "port" $port "own" dict
    "select" list "services" (keys $services | sortAlpha) "health" $services.movies.health
    "siblings" ($siblings | uniq | sortAlpha) "calls" $gateway "plain" ($plain | uniq | sortAlpha)
    "storage" (eq $kind "data-api") "grpc" true "settings" true "tokens" true "signs" true "firstStaff" true) -}}
{{- else -}}
  {{- range $name, $it := $services -}}
    {{- $apps = append $apps (dict
      "name" (printf "%s-%s" $prefix $name) "component" $name "port" $port "own" (get $values.services $name | default dict)
      "select" (list $name) "services" (list $name) "health" $it.health
      "siblings" $it.calls "calls" (concat $it.calls (ternary $gateway list (hasKey $it "storage")))
      "plain" ($it.plain | default list)
      "storage" (and (hasKey $it "storage") (eq $kind "data-api")) "grpc" (hasKey $it "grpc") "settings" (default false $it.storage) "tokens" (default false $it.tokens)
      "signs" (default false $it.signs) "firstStaff" (default false $it.firstStaff)) -}}
  {{- end -}}
{{- end -}}
{{- $all := $apps -}}
{{- range $gateway -}}
  {{- $all = append $apps (dict
    "name" (include "cinema.dataApi" $) "component" . "port" "8090" "calls" list "toMongodb" true
    "own" (pick $values.mongodb "replicas" "resources" "autoscaling")) -}}
{{- end -}}
{{- dict "apps" $apps "all" $all | toJson -}}
{{- end }}

{{/* The app that a service is in: its name. Of (dict "root" $ "service" name). */}}
{{- define "cinema.appOf" -}}
{{- if eq .root.Values.shape "together" }}{{ .root.Release.Name }}{{ else }}{{ .root.Release.Name }}-{{ .service }}{{ end }}
{{- end }}

{{/* How an app is run: the values for all, and over them its own. Of (dict "root" $ "app" app). */}}
{{- define "cinema.run" -}}
{{- $all := pick .root.Values "replicas" "resources" "invocationLimits" "autoscaling" | deepCopy -}}
{{- mergeOverwrite $all .app.own | toJson -}}
{{- end }}
