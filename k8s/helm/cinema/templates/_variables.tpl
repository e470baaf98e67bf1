{{/* The settings that are no secrets, for all apps: the data of the ConfigMap. */}}
{{- define "cinema.settings" -}}
{{- $root := . -}}
auth_issuer: {{ .Values.auth.issuer | quote }}
auth_audience: {{ .Values.auth.audience | quote }}
time_zone: {{ .Values.timeZone | quote }}
seats_per_customer: {{ .Values.seatsPerCustomer | toString | quote }}
trusted_proxies: {{ join "," .Values.trustedProxies | quote }}
cinema_name: {{ .Values.website.name | quote }}
image_sources: {{ join " " .Values.website.imageSources | quote }}
{{- $siblings := list }}
{{- range include "cinema.services" . | fromYaml }}{{ $siblings = concat $siblings .calls }}{{ end }}
{{- range $siblings | uniq | sortAlpha }}
{{- if eq $root.Values.shape "together" }}
{{ . }}_url: "http://{{ . }}.spin.internal"
{{- else }}
{{ . }}_url: "http://{{ include "cinema.appOf" (dict "root" $root "service" .) }}"
{{- end }}
{{- end }}
{{- $kind := include "cinema.storage" . }}
data_api_url: {{ get (dict "embedded" "http://data-api.spin.internal" "mongodb" (printf "http://%s" (include "cinema.dataApi" .))) $kind | default .Values.dataApi.url | quote }}
data_api_path: {{ ternary .Values.dataApi.path "" (eq $kind "data-api") | quote }}
data_api_source: {{ .Values.dataApi.source | quote }}
data_api_database: {{ .Values.dataApi.database | quote }}
{{- end }}

{{/* The variables by which storage knows us, as {"names": […]}. */}}
{{- define "cinema.storageSecrets" -}}
{{- $ways := dict
  "none" list "basic" (list "data_api_username" "data_api_password") "apiKey" (list "data_api_key")
  "email" (list "data_api_email" "data_api_password") "jwt" (list "data_api_jwt") "bearer" (list "data_api_token") -}}
{{- $way := get (dict "embedded" "none" "mongodb" "apiKey") (include "cinema.storage" .) | default .Values.dataApi.auth -}}
{{- dict "names" (get $ways $way) | toJson -}}
{{- end }}

{{/*
An app's variables: those that its components declare in spin.toml, and no others, so that nobody holds what they do not
need. As {"plain": [name…], "secret": [{"name", "secret"}…]}. Of (dict "root" $ "app" app).
*/}}
{{- define "cinema.variables" -}}
{{- $values := .root.Values -}}
{{- $plain := list -}}
{{- $secret := list -}}
{{- if .app.tokens -}}
  {{- $plain = concat $plain (list "auth_issuer" "auth_audience") -}}
  {{- $secret = append $secret (dict "name" "auth_jwks" "secret" $values.auth.existingSecret) -}}
{{- end -}}
{{- if .app.signs -}}
  {{- $secret = append $secret (dict "name" "auth_signing_key" "secret" $values.auth.existingSecret) -}}
{{- end -}}
{{- if and .app.firstStaff $values.firstStaff.existingSecret -}}
  {{- range list "first_staff_username" "first_staff_password" -}}
    {{- $secret = append $secret (dict "name" . "secret" $values.firstStaff.existingSecret) -}}
  {{- end -}}
{{- end -}}
{{- range .app.siblings }}{{- $plain = append $plain (printf "%s_url" .) }}{{- end -}}
{{- $plain = concat $plain .app.plain -}}
{{- if .app.settings -}}
  {{- $plain = concat $plain (list "data_api_url" "data_api_path" "data_api_source" "data_api_database") -}}
  {{- range (include "cinema.storageSecrets" .root | fromJson).names -}}
    {{- $secret = append $secret (dict "name" . "secret" $values.dataApi.existingSecret) -}}
  {{- end -}}
{{- end -}}
{{- dict "plain" $plain "secret" $secret | toJson -}}
{{- end }}

{{/* The same as a list of name and valueFrom. Of (dict "root" $ "app" app "env" whether as environment variables). */}}
{{- define "cinema.variableList" -}}
{{- $env := .env -}}
{{- $settings := include "cinema.settingsName" .root -}}
{{- $variables := include "cinema.variables" . | fromJson -}}
{{- range $variables.plain }}
- name: {{ if $env }}SPIN_VARIABLE_{{ upper . }}{{ else }}{{ . }}{{ end }}
  valueFrom:
    configMapKeyRef:
      name: {{ $settings }}
      key: {{ . }}
{{- end }}
{{- range $variables.secret }}
- name: {{ if $env }}SPIN_VARIABLE_{{ upper .name }}{{ else }}{{ .name }}{{ end }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .name }}
{{- end }}
{{- end }}
