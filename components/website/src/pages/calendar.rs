//! `/me/bookings/{id}/calendar`: a ticket for the calendar.

use std::{rc::Rc, time::Duration};

use http::header;
use service::{Moment, Problem, Reply};

use crate::{
    pages::ticket::{Ticket, code},
    visit::Visit,
};

/// `GET /me/bookings/:id/calendar`: iCalendar (RFC 5545).
pub async fn file(visit: Rc<Visit>) -> Result<Reply, Problem> {
    let ticket = Ticket::read(&visit).await?;
    let (Some(day), time) = ticket.when() else {
        return Err(Problem::not_found("nobody knows any more when it is"));
    };
    let (t, id) = (visit.t, ticket.booking.id);
    let long = ticket
        .showtime
        .as_ref()
        .and_then(|showtime| showtime.minutes)
        .unwrap_or(120);
    let times = match time {
        Some(time) => {
            let begin = visit.clock.moment(day, time);
            let end = begin.after(Duration::from_secs(u64::from(long) * 60));
            format!("DTSTART:{}\r\nDTEND:{}", stamp(begin), stamp(end))
        }
        None => format!("DTSTART;VALUE=DATE:{}", day.to_string().replace('-', "")),
    };
    let place = ticket.screen().map_or_else(
        || visit.cinema(),
        |screen| format!("{}, {}", visit.cinema(), visit.screen(screen)),
    );
    let about = format!(
        "{}, {}: {}",
        t.seats_count(ticket.booking.seats),
        t.ticket_code,
        code(id)
    );
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Cinema//Website//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{id}@{}", visit.host()),
        format!("DTSTAMP:{}", stamp(visit.clock.now())),
        times,
        format!("SUMMARY:{}", escaped(&ticket.title())),
        format!("LOCATION:{}", escaped(&place)),
        format!("DESCRIPTION:{}", escaped(&about)),
        format!("URL:{}/me/bookings/{id}", visit.address()),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    let text: String = lines
        .iter()
        .flat_map(|line| line.split("\r\n"))
        .map(folded)
        .collect();
    Ok(Reply::text("text/calendar; charset=utf-8", text)
        .header(header::CACHE_CONTROL, "no-store")
        .header(
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"cinema.ics\"",
        ))
}

/// A moment as iCalendar has it: `20261126T190000Z`.
fn stamp(moment: Moment) -> String {
    let text = moment.to_string();
    let (seconds, _) = text.split_once('.').unwrap_or((&text, ""));
    format!("{}Z", seconds.replace(['-', ':'], ""))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// A line of 75 bytes at the most goes on in the next (RFC 5545, 3.1).
fn folded(line: &str) -> String {
    let (mut folded, mut length) = (String::new(), 0);
    for character in line.chars() {
        if length + character.len_utf8() > 74 {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(character);
        length += character.len_utf8();
    }
    folded + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_s_lines_are_short_and_say_what_they_say() {
        let title = escaped(
            "Heat, or: \"Nachtzug; ein Film\" — 東京物語 東京物語 東京物語 東京物語 東京物語",
        );
        let line = folded(&format!("SUMMARY:{title}"));
        assert!(line.split("\r\n").all(|line| line.len() <= 75), "{line}");
        assert_eq!(
            line.replace("\r\n ", "").trim_end(),
            format!("SUMMARY:{title}")
        );
        assert!(title.starts_with("Heat\\, or: \"Nachtzug\\; ein"));
        assert_eq!(stamp(Moment::clamped(0)), "19700101T000000Z");
    }
}
