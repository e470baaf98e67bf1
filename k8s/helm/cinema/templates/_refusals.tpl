{{/* What does not go together, refused with a sentence that says what to do. */}}
{{- define "cinema.refusals" -}}
{{- $v := .Values -}}
{{- $storage := include "cinema.storage" . -}}
{{- if eq $storage "embedded" -}}
  {{- if eq $v.shape "apart" -}}
    {{- fail "storage embedded goes with shape together only: the embedded store is in one app. Set shape: together, or storage.kind: mongodb." -}}
  {{- end -}}
  {{- if or $v.autoscaling.enabled (ne (int $v.replicas) 1) -}}
    {{- fail "storage embedded is one file for one pod. Set replicas: 1 and autoscaling.enabled: false, or storage.kind: mongodb." -}}
  {{- end -}}
{{- else if and (eq $storage "data-api") (not $v.dataApi.url) -}}
  {{- fail "storage data-api is a server, and dataApi.url does not say which. Set it, or storage.kind: mongodb for the gateway of this chart." -}}
{{- else if and $v.networkPolicy.enabled (not $v.istio.egress.enabled) -}}
  {{- $of := ternary "mongodb" "dataApi" (eq $storage "mongodb") -}}
  {{- $network := (get $v $of).network -}}
  {{- if not (or $network.namespace $network.cidrs) -}}
    {{- fail (printf "the network would let nobody reach storage. Set %s.network.namespace or %s.network.cidrs, or networkPolicy.enabled: false." $of $of) -}}
  {{- end -}}
{{- end -}}
{{- if and (eq $storage "embedded") (eq $v.runtime "spinkube") (not $v.podPolicy.enabled) -}}
  {{- fail "storage embedded under SpinKube: the operator would start a new pod beside the old one, and both would write one store. Set podPolicy.enabled: true, which makes the old one go first (Kubernetes 1.36), or runtime: host, which does so by itself." -}}
{{- end -}}
{{- if eq $v.runtime "host" -}}
  {{- if eq $v.shape "apart" -}}
    {{- fail "runtime host runs all services in one process, it can't run a part of them. Set shape: together, or runtime: spinkube." -}}
  {{- end -}}
  {{- if $v.podPolicy.enabled -}}
    {{- fail "podPolicy is for SpinApps; the Deployment of runtime host says all of it by itself. Set podPolicy.enabled: false." -}}
  {{- end -}}
  {{- if $v.otel.endpoint -}}
    {{- fail "otel is SpinKube's; the bundled host sends no telemetry. Set otel.endpoint to nothing, or runtime: spinkube." -}}
  {{- end -}}
{{- else if and $v.otel.endpoint (not $v.executor.create) -}}
  {{- fail "otel.endpoint is set on the executor, which is not made here. Set executor.create: true, or the endpoint on your own executor." -}}
{{- end -}}
{{- if eq $v.shape "together" -}}
  {{- if $v.services -}}
    {{- fail (printf "services (%s) is for shape apart; together is one app, which replicas, resources and autoscaling are for. Leave services empty, or set shape: apart." (keys $v.services | sortAlpha | join ", ")) -}}
  {{- end -}}
{{- else if $v.nodePort.enabled -}}
  {{- fail "a NodePort leads to one app, and shape apart has many. Set shape: together, or reach them by istio or gatewayApi." -}}
{{- end -}}
{{- range $name, $image := pick $v "image" "hostImage" "gatewayImage" -}}
  {{- if eq $image.tag "latest" -}}
    {{- fail (printf "%s.tag is latest, which nobody can go back from. Name a version." $name) -}}
  {{- end -}}
{{- end -}}
{{- range (include "cinema.apps" . | fromJson).apps -}}
  {{- $run := include "cinema.run" (dict "root" $ "app" .) | fromJson -}}
  {{- $scale := $run.autoscaling -}}
  {{- $one := $run.invocationLimits.memory -}}
  {{- $all := dig "limits" "memory" (dig "requests" "memory" "" $run.resources) $run.resources -}}
  {{- if and (eq $v.runtime "spinkube") $one $all (gt (include "cinema.bytes" $one | float64) (include "cinema.bytes" $all | float64)) -}}
    {{- fail (printf "%s: invocationLimits.memory (%s) is more than the pod has (%s), which SpinKube refuses." .name $one $all) -}}
  {{- end -}}
  {{- $there := lookup "apps/v1" "Deployment" $.Release.Namespace .name -}}
  {{- $runs := ternary "spinkube" "host" (contains "SpinApp" (dig "metadata" "ownerReferences" list $there | toJson)) -}}
  {{- if and $there (ne $runs $v.runtime) -}}
    {{- fail (printf "%s runs by runtime %s, and a Deployment can't change what it selects. Uninstall first (helm uninstall %s; the data's claim stays), then install with runtime %s." .name $runs $.Release.Name $v.runtime) -}}
  {{- end -}}
  {{- /* `helm template` finds nothing, and so refuses nothing here. */ -}}
  {{- $cluster := lookup "v1" "ServiceAccount" $.Release.Namespace "default" -}}
  {{- if and $cluster (not $there) (eq $v.runtime "spinkube") $scale.enabled (eq $scale.by "keda") -}}
    {{- fail (printf "KEDA refuses to scale %s, whose Deployment the operator has not made yet. Install with autoscaling.by: hpa, then upgrade with keda." .name) -}}
  {{- end -}}
{{- end -}}
{{- range (include "cinema.apps" . | fromJson).all -}}
  {{- $scale := (include "cinema.run" (dict "root" $ "app" .) | fromJson).autoscaling -}}
  {{- if and $scale.enabled (gt (int $scale.minReplicas) (int $scale.maxReplicas)) -}}
    {{- fail (printf "%s: autoscaling.minReplicas (%v) is more than autoscaling.maxReplicas (%v)." .name $scale.minReplicas $scale.maxReplicas) -}}
  {{- end -}}
{{- end -}}
{{- if and $v.istio.enabled $v.gatewayApi.enabled -}}
  {{- fail "istio and gatewayApi would both be the way in. Set istio.enabled: false or gatewayApi.enabled: false." -}}
{{- end -}}
{{- if and $v.gatewayApi.enabled (not $v.gatewayApi.className) -}}
  {{- fail "gatewayApi.className is empty. Set it to a GatewayClass of the cluster (kubectl get gatewayclasses)." -}}
{{- end -}}
{{- if and (or $v.tls.certificate.create $v.tls.issuer.create) (not (or $v.istio.enabled $v.gatewayApi.enabled)) -}}
  {{- fail "tls is for a gateway, and there is none. Set istio.enabled or gatewayApi.enabled, or tls.certificate.create and tls.issuer.create: false." -}}
{{- end -}}
{{- if and $v.tls.issuer.create (not $v.tls.certificate.create) -}}
  {{- fail "tls.issuer.create without tls.certificate.create makes an Issuer that nobody asks. Set tls.certificate.create: true." -}}
{{- end -}}
{{- if and $v.tls.issuer.create (ne $v.tls.certificate.issuer.kind "Issuer") -}}
  {{- fail "tls.issuer.create makes an Issuer, and tls.certificate.issuer.kind is ClusterIssuer. Set the one to false or the other to Issuer." -}}
{{- end -}}
{{- if $v.istio.egress.enabled -}}
  {{- if not $v.istio.enabled -}}
    {{- fail "istio.egress needs the mesh. Set istio.enabled: true, or istio.egress.enabled: false." -}}
  {{- end -}}
  {{- if ne $storage "data-api" -}}
    {{- fail (printf "istio.egress is the way to a Data API outside, and storage is %s. Set istio.egress.enabled: false, or storage.kind: data-api." $storage) -}}
  {{- end -}}
  {{- if or (not (hasPrefix "http://" $v.dataApi.url)) (contains ".svc." $v.dataApi.url) -}}
    {{- fail (printf "istio.egress speaks TLS to a host outside in the apps' place, so dataApi.url is http:// and that host's name; it is %s. Set it so, or istio.egress.enabled: false." $v.dataApi.url) -}}
  {{- end -}}
{{- end -}}
{{- end }}

{{/* A quantity of memory, in bytes. */}}
{{- define "cinema.bytes" -}}
{{- $units := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[A-Za-z]*$" .) | float64) -}}
{{- end }}
