{{/* The name of the chart. */}}
{{- define "tarmac.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of what the chart makes: the release's, with the chart's unless it is in there. */}}
{{- define "tarmac.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "tarmac.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels of each object. Pods of runs are labeled managed-by=tarmac, which none of these is. */}}
{{- define "tarmac.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "tarmac.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- end -}}

{{/* Labels of the pods of one part, and by which it finds them. Call with (dict "root" $ "part" NAME). */}}
{{- define "tarmac.partLabels" -}}
app.kubernetes.io/name: {{ include "tarmac.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{/* The account of the bindings and of the pruning. */}}
{{- define "tarmac.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tarmac.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The claim of the store; empty where there is none. */}}
{{- define "tarmac.claim" -}}
{{- if .Values.persistence.existingClaim -}}
{{- .Values.persistence.existingClaim -}}
{{- else if .Values.persistence.enabled -}}
{{- .Values.persistence.name -}}
{{- end -}}
{{- end -}}

{{/* The image with the command line. */}}
{{- define "tarmac.image" -}}
{{- $image := required "prune needs an image with the command line: set `image` (deploy/Dockerfile makes one)" .Values.image -}}
{{- if .Values.imageDigest -}}
{{- printf "%s@%s" $image .Values.imageDigest -}}
{{- else if .Values.imageTag -}}
{{- printf "%s:%s" $image .Values.imageTag -}}
{{- else -}}
{{- $image -}}
{{- end -}}
{{- end -}}

{{/* Who has the Role. */}}
{{- define "tarmac.subjects" -}}
{{- with include "tarmac.serviceAccountName" . }}
- kind: ServiceAccount
  name: {{ . | quote }}
  namespace: {{ $.Release.Namespace | quote }}
{{- end }}
{{- range .Values.rbac.serviceAccounts }}
- kind: ServiceAccount
  name: {{ .name | quote }}
  namespace: {{ .namespace | quote }}
{{- end }}
{{- range .Values.rbac.users }}
- kind: User
  name: {{ . | quote }}
  apiGroup: rbac.authorization.k8s.io
{{- end }}
{{- range .Values.rbac.groups }}
- kind: Group
  name: {{ . | quote }}
  apiGroup: rbac.authorization.k8s.io
{{- end }}
{{- end -}}

{{/* Security of the pods of this chart: what the standard `restricted` asks for. */}}
{{- define "tarmac.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tarmac.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
