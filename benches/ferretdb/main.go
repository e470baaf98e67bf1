// Command data-api is the Data API server of FerretDB 2 in front of any server of MongoDB's protocol.
//
// FerretDB 2 itself serves it in front of PostgreSQL only: in its mode "proxy" it ends at once, and would connect anew for each
// request. Here its connections are kept, as many as were ever used at once.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync"

	"github.com/FerretDB/FerretDB/v2/internal/clientconn/conninfo"
	"github.com/FerretDB/FerretDB/v2/internal/dataapi/api"
	"github.com/FerretDB/FerretDB/v2/internal/dataapi/server"
	"github.com/FerretDB/FerretDB/v2/internal/handler/middleware"
	"github.com/FerretDB/FerretDB/v2/internal/handlers/proxy"
)

func main() {
	listen := flag.String("listen", "", "the address to listen at")
	to := flag.String("to", "", "the address of the server of MongoDB's protocol")
	flag.Parse()
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	handler, err := proxy.New(&proxy.NewOpts{Addr: *to, L: logger})
	if err != nil {
		log.Fatal(err)
	}
	asked := middleware.New(&middleware.NewOpts{
		Mode: middleware.ProxyMode, Proxy: handler, Metrics: middleware.NewMetrics(), L: logger,
	})
	actions, mux := server.New(logger, asked), http.NewServeMux()
	mux.HandleFunc("GET /openapi.json", actions.OpenAPISpec)
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
	served := &http.Server{Addr: *listen, Handler: keep(api.HandlerFromMux(actions, mux))}
	go func() { log.Fatal(served.ListenAndServe()) }()
	<-ctx.Done()
}

// keep gives each request a connection that is not in use, or a new one. A request is carried out to its end, though its client may have
// gone: its handler would fail then, and FerretDB's dispatcher panics where one does.
func keep(next http.Handler) http.Handler {
	var mutex sync.Mutex
	var idle []*conninfo.ConnInfo
	take := func() *conninfo.ConnInfo {
		mutex.Lock()
		defer mutex.Unlock()
		if len(idle) == 0 {
			return conninfo.New()
		}
		last := idle[len(idle)-1]
		idle = idle[:len(idle)-1]
		return last
	}
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		connection := take()
		ctx := context.WithoutCancel(request.Context())
		next.ServeHTTP(writer, request.WithContext(conninfo.Ctx(ctx, connection)))
		mutex.Lock()
		defer mutex.Unlock()
		idle = append(idle, connection)
	})
}
