//! Which path and method is which handler.

use std::{future::Future, pin::Pin, rc::Rc};

use door::log;
use http::Method;
use percent_encoding::percent_decode_str;

use crate::{Access, Caller, Context, Problem, Reply, Request, Role, standing};

/// What a service keeps for its handlers: its storage and its siblings.
pub trait Service: Sized + 'static {
    /// Whether it serves pages to people. Then a parameter of the query that is not known is nobody's fault, since links that are
    /// passed on get others' added to them, and [`Service::told`] is asked how to tell that a request reaches no handler.
    const FOR_PEOPLE: bool = false;

    /// Whether it could serve now: whether storage answers.
    async fn ready(&self) -> Result<(), Problem>;

    /// How a problem is told to whoever sent a request that reaches no handler.
    async fn told(self: Rc<Self>, _request: Request, problem: Problem) -> Result<Reply, Problem> {
        Err(problem)
    }

    /// The role that somebody who writes has by now; none where they are not there any more. A service to which nobody writes need not
    /// carry the way to storage for it.
    async fn standing(context: Context, caller: Caller) -> Result<Option<Role>, Problem> {
        standing::stored(context, caller).await
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Reply, Problem>>>>;
type Handler<S> = Box<dyn Fn(Rc<S>, Request) -> Answer>;

/// What a path does by one method.
pub struct Route<S> {
    method: Method,
    handler: Handler<S>,
    access: Access,
    query: &'static [&'static str],
}

impl<S> Route<S> {
    /// Its method, whom it is open to, and the parameters of its query.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn row(&self) -> (String, Access, &'static [&'static str]) {
        (self.method.to_string(), self.access, self.query)
    }

    fn target(self, request: Request) -> Target<S> {
        Target::Handler(Box::new(Call {
            handler: self.handler,
            access: self.access,
            query: self.query,
            request,
        }))
    }

    /// With these parameters of the query, in place of none.
    pub fn query(&mut self, names: &'static [&'static str]) {
        self.query = names;
    }
}

/// The routes of a service. Paths are matched by `routefinder`, as the SDK's own router does, which can't say what `Allow` has to.
pub struct Routes<S> {
    paths: Vec<(&'static str, Vec<Route<S>>)>,
}

/// What a request is for.
pub(crate) enum Target<S> {
    Live,
    Ready,
    Handler(Box<Call<S>>),
}

impl<S> Target<S> {
    /// Whether what is answered depends on who asks.
    pub(crate) fn is_personal(&self) -> bool {
        matches!(self, Self::Handler(call) if call.access != Access::Anyone)
    }
}

/// A handler with what it is to be called with.
pub(crate) struct Call<S> {
    handler: Handler<S>,
    access: Access,
    query: &'static [&'static str],
    request: Request,
}

impl<S: Service> Call<S> {
    /// Lets whoever sent it in, or says why not.
    pub(crate) fn admit(&mut self) -> Result<(), Problem> {
        self.request.admit(self.access)?;
        if S::FOR_PEOPLE {
            return Ok(());
        }
        self.request.knows(self.query)
    }

    /// Who is about to change something.
    pub(crate) fn writer(&self) -> Option<Caller> {
        self.request.writer()
    }

    /// The same as [`Call::admit`], by what they may do now; none where they are nobody any more.
    pub(crate) fn admit_again(
        &mut self,
        caller: Caller,
        role: Option<Role>,
    ) -> Result<(), Problem> {
        let role = role.ok_or_else(|| Problem::invalid_token("this user is not there any more"))?;
        (self.request).admit_again(self.access, Caller { role, ..caller })
    }

    pub(crate) async fn run(self, service: Rc<S>) -> Result<Reply, Problem> {
        (self.handler)(service, self.request).await
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<H, F>(&mut self, path: &'static str, access: Access, handler: H) -> &mut Route<S>
        where
            H: Fn(Rc<S>, Request) -> F + 'static,
            F: Future<Output = Result<Reply, Problem>> + 'static,
        {
            let handler: Handler<S> = Box::new(move |service, request| Box::pin(handler(service, request)));
            self.add(path, Route { method: Method::$method, handler, access, query: &[] })
        }
    )*};
}

impl<S> Routes<S> {
    pub(crate) fn new() -> Self {
        Self { paths: Vec::new() }
    }

    methods! {
        /// `GET`, and with it `HEAD`.
        get GET;
        /// `POST`.
        post POST;
        /// `PUT`.
        put PUT;
        /// `PATCH`.
        patch PATCH;
        /// `DELETE`.
        delete DELETE;
    }

    fn add(&mut self, path: &'static str, route: Route<S>) -> &mut Route<S> {
        let known = self.paths.iter().position(|(known, _)| *known == path);
        let at = known.unwrap_or_else(|| {
            self.paths.push((path, Vec::new()));
            self.paths.len() - 1
        });
        let routes = &mut self.paths[at].1;
        routes.push(route);
        let last = routes.len() - 1;
        &mut routes[last]
    }

    /// Every route: its path and itself.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &Route<S>)> {
        let paths = self.paths.iter();
        paths.flat_map(|(path, routes)| routes.iter().map(move |route| (*path, route)))
    }

    /// What a request to the service called `name` is for.
    pub(crate) fn find(mut self, name: &str, mut request: Request) -> Result<Target<S>, Problem> {
        if request.method == Method::HEAD {
            request.method = Method::GET;
        }
        let health = request
            .path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(name))
            .unwrap_or_default();
        let health = match health {
            "/healthz" => Some(Target::Live),
            "/healthy" => Some(Target::Ready),
            _ => None,
        };
        if let Some(target) = health {
            return if request.method == Method::GET {
                Ok(target)
            } else {
                Err(not_allowed(&[Method::GET]))
            };
        }
        let (index, params) = self.matching(&request.path)?;
        let (path, routes) = self.paths.swap_remove(index);
        log::route(path);
        request.params = params;
        let allowed: Vec<_> = routes.iter().map(|route| route.method.clone()).collect();
        let found = routes
            .into_iter()
            .find(|route| route.method == request.method);
        match found {
            Some(route) => Ok(route.target(request)),
            None => Err(not_allowed(&allowed)),
        }
    }

    /// The route of this very path, whose parameters the request has.
    pub(crate) fn named(self, path: &str, request: Request) -> Result<Target<S>, Problem> {
        let mut routes = self.paths.into_iter().filter(|(known, _)| *known == path);
        let found = routes.find_map(|(_, routes)| {
            let mut routes = routes.into_iter();
            routes.find(|route| route.method == request.method)
        });
        let missing = || Problem::internal(format!("there is no route {path}"));
        Ok(found.ok_or_else(missing)?.target(request))
    }

    /// Which path matches, and its parameters, percent-decoded.
    fn matching(&self, path: &str) -> Result<(usize, Vec<(String, String)>), Problem> {
        let missing = || Problem::not_found(format!("there is no route {path}"));
        // A path without parameters is one text, in which a dot after a slash means nothing more, as routefinder has it.
        if let Some(index) = self.paths.iter().position(|(known, _)| *known == path) {
            return Ok((index, Vec::new()));
        }
        if path.contains("//") || path.ends_with('/') {
            return Err(missing());
        }
        let mut router = routefinder::Router::new();
        let with_params = self.paths.iter().enumerate();
        for (index, (path, _)) in with_params.filter(|(_, (path, _))| path.contains(':')) {
            router.add(*path, index).map_err(|error| {
                Problem::internal(format!("the route {path} is no route: {error}"))
            })?;
        }
        let found = router.best_match(path).ok_or_else(missing)?;
        let captures = found.captures();
        let decode = |value: &str| {
            percent_decode_str(value)
                .decode_utf8()
                .map(|value| value.into_owned())
        };
        let params = captures
            .params()
            .iter()
            .map(|capture| {
                Ok((
                    capture.name().to_owned(),
                    decode(capture.value()).map_err(|_| missing())?,
                ))
            })
            .collect::<Result<_, Problem>>()?;
        Ok((*found.handler(), params))
    }
}

fn not_allowed(methods: &[Method]) -> Problem {
    let mut names: Vec<_> = methods.iter().map(Method::as_str).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    Problem::method_not_allowed(names.join(", "))
}
