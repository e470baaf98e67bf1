//! What all pages have.

use maud::{DOCTYPE, Markup, html};

use crate::{
    assets::{ICON_SVG, SITE_CSS, SITE_JS, STAFF_CSS},
    messages::ALL,
    visit::{Visit, quoted},
};

/// What is a page's own.
pub struct Page<'a> {
    pub title: &'a str,
    /// What it is, for who finds it or is sent it.
    pub about: Option<String>,
    /// The path of a picture for who is sent it.
    pub picture: Option<String>,
    /// Whether search engines are to leave it out: whatever is somebody's own.
    pub is_hidden: bool,
    /// Which entry of the menu it is of: the path.
    pub place: &'a str,
    pub main: Markup,
}

impl<'a> Page<'a> {
    pub fn new(title: &'a str, main: Markup) -> Self {
        Self {
            title,
            about: None,
            picture: None,
            is_hidden: false,
            place: "",
            main,
        }
    }

    /// A page that is somebody's own.
    pub fn own(title: &'a str, place: &'a str, main: Markup) -> Self {
        Self {
            is_hidden: true,
            place,
            ..Self::new(title, main)
        }
    }
}

pub fn page(visit: &Visit, page: Page<'_>) -> Markup {
    let (t, cinema) = (visit.t, visit.cinema());
    let title = if page.place == "/" {
        cinema.clone()
    } else {
        format!("{} · {cinema}", page.title)
    };
    html! {
        (DOCTYPE)
        html lang=(t.tag) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#faf7f1" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#151217" media="(prefers-color-scheme: dark)";
                title { (title) }
                link rel="stylesheet" href=(SITE_CSS);
                // Half a menu would move when its rest comes: nothing is shown before what is below it begins.
                link rel="expect" href="#main" blocking="render";
                @if page.place == "/staff" { link rel="stylesheet" href=(STAFF_CSS); }
                link rel="icon" href=(ICON_SVG) type="image/svg+xml";
                script src=(SITE_JS) defer {}
                @if page.is_hidden { meta name="robots" content="noindex"; }
                @else { (preview(visit, &page, &title)) }
            }
            body {
                a.skip href="#main" { (t.nav_skip) }
                (header(visit, &page, &cinema))
                main #main tabindex="-1" { (page.main) }
                (footer(visit, &cinema))
            }
        }
    }
}

/// What is shown of a link to the page.
fn preview(visit: &Visit, page: &Page<'_>, title: &str) -> Markup {
    let address = visit.address();
    html! {
        @if let Some(about) = &page.about {
            meta name="description" content=(about);
            meta property="og:description" content=(about);
        }
        meta property="og:title" content=(title);
        meta property="og:site_name" content=(visit.cinema());
        meta property="og:type" content="website";
        meta property="og:locale" content=(visit.t.tag);
        meta property="og:url" content={ (address) (visit.request.path) };
        link rel="canonical" href={ (address) (visit.request.path) };
        @if let Some(picture) = &page.picture {
            meta property="og:image" content={ (address) (picture) };
        }
        meta name="twitter:card" content="summary";
    }
}

fn header(visit: &Visit, page: &Page<'_>, cinema: &str) -> Markup {
    let t = visit.t;
    let link = |path: &str, text: &str| html! { a href=(path) aria-current=[(page.place == path).then_some("page")] { (text) } };
    html! {
        header.top {
            a.mark href="/" aria-current=[(page.place == "/").then_some("page")] { (mark()) span { (cinema) } }
            nav aria-label=(t.nav_main) {
                (link("/programme", t.nav_programme))
                (link("/search", t.nav_search))
                @match visit.session.caller {
                    None => (link("/sign-in", t.nav_sign_in)),
                    Some(caller) => details.menu {
                        summary { (t.nav_account) }
                        div {
                            (link("/me/bookings", t.nav_bookings))
                            (link("/me/for-you", t.nav_for_you))
                            (link("/me", t.nav_account))
                            @if caller.is_staff() { (link("/staff", t.nav_staff)) }
                            form method="post" action="/sign-out" { (visit.token()) button { (t.nav_sign_out) } }
                        }
                    },
                }
            }
        }
    }
}

fn footer(visit: &Visit, cinema: &str) -> Markup {
    let t = visit.t;
    let zone = visit
        .setting("time_zone")
        .unwrap_or_else(|| "UTC".to_owned());
    let here = if visit.request.method == http::Method::GET {
        quoted(&visit.request.target())
    } else {
        "%2F".to_owned()
    };
    html! {
        footer.bottom {
            p { (cinema) " · " (t.nav_times_in(zone)) }
            nav aria-label=(t.nav_language) {
                @for other in &ALL {
                    @if other.tag == t.tag { span lang=(other.tag) aria-current="true" { (other.language) } }
                    @else { a href={ "/language/" (other.tag) "?next=" (here) } lang=(other.tag) hreflang=(other.tag) rel="nofollow" { (other.language) } }
                }
                a href="/docs" { (t.nav_api) }
            }
        }
    }
}

/// The site's sign: a projector's beam.
fn mark() -> Markup {
    html! {
        svg.sign viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="8" class="sign-ground" {}
            path d="M7 13 L25 7 V25 L7 19 Z" class="sign-beam" {}
            circle cx="9" cy="16" r="3.2" class="sign-lens" {}
        }
    }
}
