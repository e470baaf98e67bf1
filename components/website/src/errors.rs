//! The pages of what went wrong: what it was, and what helps.

use http::{StatusCode, header};
use maud::html;
use service::{Problem, Reply};

use crate::{
    layout::{Page, page},
    visit::Visit,
};

/// A problem as a page, for who wants one; those who are not signed in and have to be are sent to do that.
pub fn told(visit: &Visit, problem: Problem) -> Result<Reply, Problem> {
    let wanted = visit
        .request
        .header(header::ACCEPT.as_str())
        .unwrap_or_default();
    if !wanted.contains("text/html") {
        return Err(problem);
    }
    if problem.status == StatusCode::UNAUTHORIZED {
        return Ok(visit.on_to(&sign_in(visit)));
    }
    problem.log();
    let t = visit.t;
    let status = problem.status;
    let reached = problem.detail.as_str();
    let (title, lead) = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            (t.wrong_missing, t.wrong_missing_lead)
        }
        StatusCode::FORBIDDEN if visit.request.method != http::Method::GET => {
            (t.wrong_failed, t.form_stale)
        }
        StatusCode::FORBIDDEN => (t.wrong_forbidden, reached),
        StatusCode::TOO_MANY_REQUESTS => (t.wrong_many, reached),
        StatusCode::SERVICE_UNAVAILABLE => (t.wrong_busy, t.wrong_busy_lead),
        status if status.is_server_error() => (t.wrong_ours, t.wrong_ours_lead),
        _ => (t.wrong_failed, reached),
    };
    let again = matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    );
    let main = html! {
        section.notice-page {
            p.status aria-hidden="true" { (status.as_u16()) }
            h1 { (title) }
            p.lead { (lead) }
            p.actions {
                @if again && visit.request.method == http::Method::GET { a.button href=(visit.request.target()) { (t.wrong_again) } }
                a.button.quiet href="/" { (t.home_title) }
                a.button.quiet href="/search" { (t.nav_search) }
            }
        }
    };
    let mut reply = visit.with_status(
        status,
        page(
            visit,
            Page {
                is_hidden: true,
                ..Page::new(title, main)
            },
        ),
    );
    if let Some(wait) = problem.retry_after {
        reply = reply.header(header::RETRY_AFTER, wait.as_secs().max(1).to_string());
    }
    if let Some(allow) = problem.allow {
        reply = reply.header(header::ALLOW, allow);
    }
    Ok(reply)
}

/// Where somebody signs in, to go on afterwards with the page they wanted.
fn sign_in(visit: &Visit) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", &visit.request.target());
    if visit.session.is_over {
        query.append_pair("ended", "yes");
    }
    format!("/sign-in?{}", query.finish())
}
