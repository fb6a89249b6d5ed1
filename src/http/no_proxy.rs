//! `NO_PROXY` as Node, curl and Go write it, which is more than one matcher knows.

/// Gives the entries that count for a port, in the form that hyper's matcher reads: names, addresses and networks,
/// with commas between them.
///
/// Taken in besides: blanks between entries, `*.example.com` for `.example.com`, `host:port`, and brackets around IPv6.
pub(super) fn entries_for(port: Option<u16>, list: &str) -> String {
    let entries = list.split(|character: char| character == ',' || character.is_whitespace());
    let counting: Vec<_> = entries
        .map(split_port)
        .filter(|(_, only)| only.is_none_or(|only| Some(only) == port))
        .map(|(host, _)| host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host))
        .filter(|host| !host.is_empty())
        .collect();
    counting.join(",")
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    // What has more colons is an IPv6 address.
    match entry.split_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (host, Some(port)),
        None => (entry, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_matcher_knows_stays_as_it_is() {
        for list in ["*", "example.com,.example.org", "10.0.0.0/8,::1,fd00::/8", ""] {
            assert_eq!(entries_for(Some(443), list), list);
        }
    }

    #[test]
    fn blanks_stars_brackets_and_ports_are_understood() {
        assert_eq!(
            entries_for(Some(443), " a.example, b.example  *.c.example\td,,"),
            "a.example,b.example,.c.example,d"
        );
        assert_eq!(entries_for(Some(443), "a:443,b:8443,*.c:443,[::1]:443,[::2]:1,[::3]"), "a,.c,::1,::3");
        assert_eq!(entries_for(None, "a:443,b"), "b");
    }

    #[test]
    fn a_port_that_is_none_makes_no_host_match() {
        assert_eq!(entries_for(Some(443), "a:http,b:99999"), "a:http,b:99999");
    }
}
