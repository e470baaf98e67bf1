{{/* The methods that may be sent again: what they do once, they do as well twice. */}}
{{- define "cinema.safeMethods" -}}[GET, HEAD, DELETE]{{- end }}

{{/* A service's routes as Istio matches paths, for some methods if told. Of (dict "routes" list "methods" regex). */}}
{{- define "cinema.istioMatch" -}}
{{- $methods := .methods -}}
{{- range .routes }}
{{- $path := trimSuffix "/..." . }}
{{- if $path }}
- uri:
    exact: {{ $path }}
  {{- with $methods }}
  method:
    regex: {{ . }}
  {{- end }}
{{- end }}
{{- if hasSuffix "/..." . }}
- uri:
    prefix: {{ $path }}/
  {{- with $methods }}
  method:
    regex: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A service's routes as the Gateway API matches paths, which it does by whole segments. */}}
{{- define "cinema.gatewayMatch" -}}
{{- $methods := .methods -}}
{{- range $route := .routes }}
{{- range $methods | default (list "") }}
- path:
    type: {{ ternary "PathPrefix" "Exact" (hasSuffix "/..." $route) }}
    value: {{ trimSuffix "/..." $route | default "/" }}
  {{- with . }}
  method: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
