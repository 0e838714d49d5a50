package dev.gyre.tokens;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Cuts a text where special tokens are written out in it, longest first. */
final class SpecialParts {

    private final List<String> special;

    SpecialParts(Collection<String> special) {
        this.special = special.stream()
                .filter(s -> !s.isEmpty())
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** The text in pieces; each is a special token or has none. */
    List<String> of(String text) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        int at = 0;
        while (at < text.length()) {
            int here = at;
            String found = special.stream()
                    .filter(s -> text.startsWith(s, here))
                    .findFirst()
                    .orElse("");
            if (found.isEmpty()) {
                at++;
                continue;
            }
            if (at > from) {
                parts.add(text.substring(from, at));
            }
            parts.add(found);
            at += found.length();
            from = at;
        }
        if (from < text.length()) {
            parts.add(text.substring(from));
        }
        return parts;
    }
}
