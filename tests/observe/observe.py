"""Serves the application, asks for something, and reads the metrics and traces as their own libraries do, strictly."""

import http.server
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as classic

CINEMA = pathlib.Path("target/host/cinema").resolve()
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

# What an operator counts on: the name without its suffix, the type, and the labels.
METRICS = {
    "http_server_requests": ("counter", {"component", "route", "status"}),
    "http_server_request_duration_seconds": ("histogram", {"component", "route"}),
    "http_server_active_requests": ("gauge", set()),
    "http_server_waiting_requests": ("gauge", set()),
    "http_server_request_places": ("gauge", set()),
    "http_server_connections": ("gauge", set()),
    "wasm_instances_made": ("counter", {"component"}),
    "wasm_instances_reused": ("counter", {"component"}),
    "wasm_instances_ended": ("counter", {"component", "reason"}),
    "wasm_instances": ("gauge", {"component", "state"}),
    "sqlite_waiting": ("gauge", set()),
    "sqlite_waits": ("counter", set()),
    "sqlite_wait_seconds": ("counter", set()),
    "sqlite_busy": ("counter", set()),
    "log_lines_dropped": ("counter", set()),
}


class Collector(http.server.BaseHTTPRequestHandler):
    """Keeps the spans that it is sent."""

    spans = []

    def do_POST(self):
        assert self.path == "/v1/traces", self.path
        assert self.headers["content-type"] == "application/x-protobuf"
        sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["content-type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["content-type"], error.read().decode()


def check_metrics(url):
    status, kind, text = get(url, accept="application/openmetrics-text; version=1.0.0")
    assert status == 200 and kind.startswith("application/openmetrics-text; version=1.0.0"), kind
    families = {family.name: family for family in open_metrics(text)}
    assert families.keys() == METRICS.keys(), families.keys() ^ METRICS.keys()
    for name, (kind, labels) in METRICS.items():
        family = families[name]
        assert family.type == kind, (name, family.type)
        assert family.documentation, name
        assert family.samples, name
        for sample in family.samples:
            assert sample.labels.keys() - {"le"} == labels, sample
    ways = {sample.labels["route"] for sample in families["http_server_requests"].samples}
    assert ways == {"/movies/...", "-", "/.well-known/spin/health"}, ways

    status, kind, text = get(url, accept="text/plain")
    assert status == 200 and kind.startswith("text/plain; version=0.0.4"), kind
    assert {family.name for family in classic(text)} == METRICS.keys()


def check_traces(spans):
    spans = [span for span in spans if span.trace_id.hex() == TRACE]
    by_id = {span.span_id: span for span in spans}
    (served,) = [span for span in spans if span.name == "GET /movies/..."]
    assert served.parent_span_id.hex() == PARENT and served.kind == served.SPAN_KIND_SERVER
    names = {span.name for span in spans}
    assert {"execute_wasm_component movies", "execute_wasm_component data-api"} <= names, names
    for span in spans:
        assert span is served or span.parent_span_id in by_id, span
        assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano, span


def main():
    collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPIN_VARIABLE_"))}
    environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collector.server_port}"
    with tempfile.TemporaryDirectory() as store:
        options = ["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--state-dir", store, "--env-file", os.devnull]
        host = subprocess.Popen([CINEMA, "up", *options, "--quiet"], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            said = [host.stdout.readline() for _ in range(2)]
            url, metrics = (re.search(r"http://\S+", line).group() for line in said)
            trace = f"00-{TRACE}-{PARENT}-01"
            assert get(f"{url}/movies?limit=1", traceparent=trace)[0] == 200
            assert get(f"{url}/nowhere")[0] == 404
            assert get(f"{url}/.well-known/spin/health")[0] == 200
            check_metrics(metrics)
            host.terminate()
            assert host.wait(60) == 0
        finally:
            host.kill()
            host.wait()
    check_traces(Collector.spans)
    print("metrics and traces are read as they are meant")


main()
