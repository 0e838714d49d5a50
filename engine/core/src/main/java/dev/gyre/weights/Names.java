package dev.gyre.weights;

import java.util.Collection;

/** Lists of names in messages: the first five, and how many more there are. */
public final class Names {

    private static final int SHOWN = 5;

    private Names() {}

    public static String some(Collection<String> names) {
        String shown = String.join(", ", names.stream().limit(SHOWN).toList());
        return names.size() <= SHOWN ? shown : shown + " and " + (names.size() - SHOWN) + " more";
    }
}
