{{/* The port of the Data API's address. */}}
{{- define "cinema.storageUrlPort" -}}
{{- $url := urlParse .Values.dataApi.url -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- if $port }}{{ $port }}
{{- else if eq $url.scheme "https" }}443
{{- else }}80
{{- end }}
{{- end }}

{{/* The Data API's host, without the port. */}}
{{- define "cinema.storageHost" -}}
{{ regexReplaceAll ":[0-9]+$" (urlParse .Values.dataApi.url).host "" }}
{{- end }}

{{/* The waypoint on the way to storage outside. */}}
{{- define "cinema.waypoint" -}}{{ .Release.Name }}-egress{{- end }}

{{/*
Ports as NetworkPolicy has them: the one named, and HBONE's, by which the mesh carries all. Of (dict "root" $ "port" port).
*/}}
{{- define "cinema.ports" -}}
- protocol: TCP
  port: {{ .port }}
{{- if .root.Values.istio.enabled }}
- protocol: TCP
  port: 15008
{{- end }}
{{- end }}

{{/* Pods of another namespace, as NetworkPolicy has them. Of (dict "namespace" name "podLabels" labels). */}}
{{- define "cinema.peer" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .namespace }}
  {{- with .podLabels }}
  podSelector:
    matchLabels:
      {{- toYaml . | nindent 6 }}
  {{- end }}
{{- end }}

{{/* Pods of some of our apps, as NetworkPolicy has them. Of (dict "root" $ "components" list). */}}
{{- define "cinema.siblings" -}}
- podSelector:
    matchLabels:
      {{- include "cinema.selector" .root | nindent 6 }}
    matchExpressions:
      - key: app.kubernetes.io/component
        operator: In
        values: {{ toJson .components }}
{{- end }}

{{/* The ways to what is not of this chart: in this cluster, and elsewhere. Of (dict "root" $ "network" values "port" port). */}}
{{- define "cinema.ways" -}}
{{- if .network.namespace }}
# Storage.
- to:
    {{- include "cinema.peer" .network | nindent 4 }}
  ports:
    {{- include "cinema.ports" . | nindent 4 }}
{{- end }}
{{- with .network.cidrs }}
# Storage outside.
- to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    - protocol: TCP
      port: {{ $.port }}
{{- end }}
{{- end }}

{{/* Who may call what is public: the gateway, and whom the values name. */}}
{{- define "cinema.publicFrom" -}}
{{- if .Values.istio.enabled }}
{{- include "cinema.peer" .Values.istio.ingress }}
{{- else if and .Values.gatewayApi.enabled .Values.gatewayApi.pods.namespace }}
{{- include "cinema.peer" .Values.gatewayApi.pods }}
{{- end }}
{{- with .Values.networkPolicy.from }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The rule that lets pods reach DNS. */}}
{{- define "cinema.dns" -}}
# DNS.
- to:
    {{- include "cinema.peer" .Values.networkPolicy.dns | nindent 4 }}
    {{- range .Values.networkPolicy.dns.cidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
{{- end }}

{{/* The rules of who may reach an app. Of (dict "root" $ "app" app). */}}
{{- define "cinema.ingress" -}}
{{- $root := .root -}}
{{- $app := .app -}}
{{- $port := $app.port -}}
{{- $callers := list -}}
{{- range (include "cinema.apps" $root | fromJson).apps -}}
  {{- if has $app.component .calls }}{{ $callers = append $callers .component }}{{ end -}}
{{- end -}}
{{- if $app.toMongodb }}
# Metrics, which tell nothing of what is stored.
- from:
    {{- include "cinema.peer" (pick $root.Values.otel "namespace") | nindent 4 }}
  ports:
    {{- include "cinema.ports" (dict "root" $root "port" (include "cinema.metricsPort" $root)) | nindent 4 }}
{{- else }}
{{- with include "cinema.publicFrom" $root | trim }}
# The way in.
- from:
    {{- . | nindent 4 }}
  ports:
    {{- include "cinema.ports" (dict "root" $root "port" $port) | nindent 4 }}
{{- end }}
{{- if $root.Values.nodePort.enabled }}
# By a node's port anybody comes, from the node's address.
- ports:
    - protocol: TCP
      port: {{ $port }}
{{- end }}
{{- end }}
{{- with $callers }}
# Siblings.
- from:
    {{- include "cinema.siblings" (dict "root" $root "components" .) | nindent 4 }}
  ports:
    {{- include "cinema.ports" (dict "root" $root "port" $port) | nindent 4 }}
{{- end }}
{{- if $root.Values.istio.enabled }}
# The kubelet's probes, as they arrive in ambient mode.
- from:
    - ipBlock:
        cidr: 169.254.7.127/32
  ports:
    - protocol: TCP
      port: {{ $port }}
{{- end }}
{{- end }}

{{/* The rules of what an app may reach, and DNS, where there is anything. Of (dict "root" $ "app" app). */}}
{{- define "cinema.egress" -}}
{{- $root := .root -}}
{{- $v := .root.Values -}}
{{- $calls := .app.calls -}}
{{- $called := dict -}}
{{- range (include "cinema.apps" $root | fromJson).all -}}
  {{- if has .component $calls }}{{ $_ := set $called .port (append (get $called .port | default list) .component) }}{{ end -}}
{{- end -}}
{{- range $port, $components := $called }}
# Siblings.
- to:
    {{- include "cinema.siblings" (dict "root" $root "components" $components) | nindent 4 }}
  ports:
    {{- include "cinema.ports" (dict "root" $root "port" $port) | nindent 4 }}
{{- end }}
{{- if .app.toMongodb }}
{{- include "cinema.ways" (dict "root" $root "network" $v.mongodb.network "port" ($v.mongodb.network.port | default 27017)) }}
{{- else if .app.storage }}
{{- if $v.istio.egress.enabled }}
# Storage, by the waypoint.
- to:
    - podSelector:
        matchLabels:
          gateway.networking.k8s.io/gateway-name: {{ include "cinema.waypoint" $root }}
  ports:
    - protocol: TCP
      port: 15008
{{- else }}
{{- include "cinema.ways" (dict "root" $root "network" $v.dataApi.network "port" ($v.dataApi.network.port | default (include "cinema.storageUrlPort" $root))) }}
{{- end }}
{{- end }}
{{- $tells := and $v.otel.endpoint (not .app.toMongodb) }}
{{- if $tells }}
# The collector of telemetry.
- to:
    {{- include "cinema.peer" $v.otel | nindent 4 }}
  ports:
    {{- include "cinema.ports" (dict "root" $root "port" (regexFind "[0-9]+$" $v.otel.endpoint)) | nindent 4 }}
{{- end }}
{{- if or .app.calls .app.storage .app.toMongodb $tells }}
{{ include "cinema.dns" $root }}
{{- end }}
{{- end }}
