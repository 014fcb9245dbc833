//! From an estate that breaks a law to the least one that still does.

use serde_json::Value;

use super::Estate;

/// Deletes files, elements and members of elements while `breaks` holds.
pub(crate) fn shrink(estate: &Estate, breaks: impl Fn(&Estate) -> bool) -> Estate {
    let mut least = estate.clone();
    loop {
        let before = size(&least);
        files(&mut least, &breaks);
        arrays(&mut least, &breaks);
        if size(&least) == before {
            return least;
        }
    }
}

fn size(estate: &Estate) -> usize {
    estate.files.values().map(|reply| reply.to_string().len()).sum()
}

fn files(estate: &mut Estate, breaks: &impl Fn(&Estate) -> bool) {
    for path in estate.files.keys().cloned().collect::<Vec<_>>() {
        let mut poorer = estate.clone();
        poorer.files.remove(&path);
        if breaks(&poorer) {
            *estate = poorer;
        }
    }
}

/// Every array at any depth loses what it can.
fn arrays(estate: &mut Estate, breaks: &impl Fn(&Estate) -> bool) {
    for path in estate.files.keys().cloned().collect::<Vec<_>>() {
        let mut pointers = Vec::new();
        collect(&estate.files[&path], String::new(), &mut pointers);
        // The innermost last: whole elements go first.
        for pointer in pointers {
            let mut at = 0;
            while let Some(length) = length(estate, &path, &pointer)
                && at < length
            {
                let mut poorer = estate.clone();
                let array = poorer.files.get_mut(&path).unwrap().pointer_mut(&pointer).unwrap();
                array.as_array_mut().unwrap().remove(at);
                if breaks(&poorer) {
                    *estate = poorer;
                } else {
                    at += 1;
                }
            }
        }
    }
}

fn length(estate: &Estate, path: &str, pointer: &str) -> Option<usize> {
    Some(estate.files.get(path)?.pointer(pointer)?.as_array()?.len())
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            pointers.push(pointer.clone());
            for (number, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{number}"), pointers);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                collect(member, format!("{pointer}/{key}"), pointers);
            }
        }
        _ => {}
    }
}

/// The estate as a person can read it.
pub(crate) fn show(estate: &Estate) -> String {
    let mut text = String::new();
    for (path, reply) in &estate.files {
        text.push_str(&format!("{path}\n"));
        for elements in reply.as_object().into_iter().flatten() {
            match elements.1 {
                Value::Array(items) => {
                    items.iter().for_each(|item| text.push_str(&format!("  {item}\n")));
                }
                other => text.push_str(&format!("  {other}\n")),
            }
        }
    }
    text
}
