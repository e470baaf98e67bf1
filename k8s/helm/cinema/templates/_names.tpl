{{/* What our objects are selected by. */}}
{{- define "cinema.selector" -}}
app.kubernetes.io/name: cinema
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels of every object. */}}
{{- define "cinema.labels" -}}
{{ include "cinema.selector" . }}
app.kubernetes.io/part-of: cinema
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* What an app's pods are selected by. Of (dict "root" $ "app" app). */}}
{{- define "cinema.appSelector" -}}
{{ include "cinema.selector" .root }}
app.kubernetes.io/component: {{ .app.component }}
{{- end }}

{{/* The labels of an app's objects. Of (dict "root" $ "app" app). */}}
{{- define "cinema.appLabels" -}}
{{ include "cinema.labels" .root }}
app.kubernetes.io/component: {{ .app.component }}
{{- end }}

{{/* The labels of an app's pods, without what changes from version to version. Of (dict "root" $ "app" app). */}}
{{- define "cinema.podLabels" -}}
{{ include "cinema.appSelector" . }}
app.kubernetes.io/part-of: cinema
{{- with .root.Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The annotations of an app's pods: the sum of the settings rolls the pods when one changes. */}}
{{- define "cinema.podAnnotations" -}}
checksum/settings: {{ include "cinema.settings" . | sha256sum }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* An image's full name. Of (dict "root" $ "image" values). */}}
{{- define "cinema.image" -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- with .image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* The port that an app's container listens on. */}}
{{- define "cinema.port" -}}
{{- if eq .Values.runtime "host" }}8080{{ else }}80{{ end }}
{{- end }}

{{/* How long a pod that ends waits, in seconds, until nobody sends it requests any more. */}}
{{- define "cinema.drain" -}}5{{- end }}

{{- define "cinema.settingsName" -}}{{ .Release.Name }}-settings{{- end }}

{{/* The claim of the embedded storage. */}}
{{- define "cinema.claim" -}}
{{ .Values.embedded.existingClaim | default (printf "%s-data" .Release.Name) }}
{{- end }}

{{/* Whether the objects of TLS are in the ingress gateway's namespace (Istio reads certificates there) or in ours. */}}
{{- define "cinema.tlsNamespace" -}}
{{- if .Values.istio.enabled }}{{ .Values.istio.ingress.namespace }}{{ else }}{{ .Release.Namespace }}{{ end }}
{{- end }}
