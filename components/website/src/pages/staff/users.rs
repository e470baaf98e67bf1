//! `/staff/users`: who has an account, found by the beginning of a username.

use std::rc::Rc;

use maud::html;
use serde::Deserialize;
use service::{Id, Listed, Moment, Problem, Reply};

use super::{framed, words};
use crate::visit::{Visit, quoted};

pub const PLACE: &str = "/staff/users";

/// Somebody with an account.
#[derive(Deserialize)]
pub struct User {
    pub id: Id,
    pub username: String,
    pub firstname: String,
    pub lastname: String,
    pub role: String,
    pub createdon: Moment,
}

impl User {
    pub fn name(&self) -> String {
        format!("{} {}", self.firstname, self.lastname)
    }

    pub fn is_staff(&self) -> bool {
        self.role == "staff"
    }
}

/// `GET /staff/users`
pub async fn list(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let (t, name) = (visit.t, words(&visit, "username"));
    let after = visit.request.query_as::<Id>("after")?;
    let mut path = "/users?limit=50".to_owned();
    if !name.is_empty() {
        path.push_str(&format!("&username={}", quoted(&name)));
    }
    if let Some(after) = after {
        path.push_str(&format!("&after={after}"));
    }
    let listed: Listed<User> = visit.sibling("users")?.page(&path).await?;
    let last = listed
        .data
        .last()
        .filter(|_| listed.next.is_some())
        .map(|user| user.id);
    let main = html! {
        h1 { (t.users_title) }
        form.search role="search" action=(PLACE) {
            label for="username" { (t.users_search) }
            div { input #username type="search" name="username" value=(name) autocomplete="off" autocapitalize="none"; button { (t.search_button) } }
        }
        div role="status" { @if listed.data.is_empty() { p { (t.users_none) } } }
        @if !listed.data.is_empty() {
            div.scroll role="region" aria-label=(t.users_title) tabindex="0" {
                table {
                    thead { tr { th scope="col" { (t.sign_in_username) } th scope="col" { (t.users_name) } th scope="col" { (t.users_role) } th scope="col" { (t.users_since) } } }
                    tbody {
                        @for user in &listed.data {
                            tr {
                                th scope="row" { a href={ (PLACE) "/" (user.id) } { (user.username) } }
                                td { (user.name()) }
                                td { @if user.is_staff() { span.tag { (t.users_staff) } } @else { (t.users_customer) } }
                                td.day { (visit.clock.day(user.createdon)) }
                            }
                        }
                    }
                }
            }
        }
        nav.pager {
            @if after.is_some() { a href={ (PLACE) "?username=" (quoted(&name)) } { (t.staff_first_page) } }
            @if let Some(last) = last { a href={ (PLACE) "?username=" (quoted(&name)) "&after=" (last) } { (t.staff_next_page) } }
        }
    };
    Ok(visit.personal(framed(&visit, t.users_title, PLACE, main)))
}
