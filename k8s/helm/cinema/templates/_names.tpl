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

{{/* What is the same in each pod of a Deployment of our own. Of (dict "root" $ "app" app "image" values). */}}
{{- define "cinema.podSpec" -}}
serviceAccountName: {{ .app.name }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  # Not at each mount: the host keeps its files to itself, and compiles anew where a group has been let in.
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
topologySpreadConstraints:
  {{- range .root.Values.podPolicy.topologyKeys }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "cinema.appSelector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}

{{/* And in its container: what it may, and that it waits before it ends. */}}
{{- define "cinema.container" -}}
lifecycle:
  preStop:
    sleep:
      seconds: {{ include "cinema.drain" . }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
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

{{/* Where the gateway to MongoDB is asked what it counts. */}}
{{- define "cinema.metricsPort" -}}9464{{- end }}

{{/* How long a pod that ends waits, in seconds, until nobody sends it requests any more. */}}
{{- define "cinema.drain" -}}5{{- end }}

{{/* Where data is. Asked for here alone, so that whoever still has it as it was is told. */}}
{{- define "cinema.storage" -}}
{{- if not (kindIs "map" .Values.storage) -}}
  {{- fail (printf "storage: %s is now storage.kind: %s. Set that." .Values.storage (ternary "data-api" .Values.storage (eq .Values.storage "external"))) -}}
{{- end -}}
{{ .Values.storage.kind }}
{{- end }}

{{/* The gateway from the Data API to MongoDB. */}}
{{- define "cinema.dataApi" -}}{{ .Release.Name }}-data-api-gateway{{- end }}

{{- define "cinema.settingsName" -}}{{ .Release.Name }}-settings{{- end }}

{{/* The claim of the embedded storage. */}}
{{- define "cinema.claim" -}}
{{ .Values.embedded.existingClaim | default (printf "%s-data" .Release.Name) }}
{{- end }}

{{/* Whether the objects of TLS are in the ingress gateway's namespace (Istio reads certificates there) or in ours. */}}
{{- define "cinema.tlsNamespace" -}}
{{- if .Values.istio.enabled }}{{ .Values.istio.ingress.namespace }}{{ else }}{{ .Release.Namespace }}{{ end }}
{{- end }}
