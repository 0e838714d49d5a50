package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the tests run on. */
final class Place {

    private Place() {}

    /** The checkout's root. */
    static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (at != null && !Files.isDirectory(at.resolve("models/en-de"))) {
            at = at.getParent();
        }
        assertTrue(at != null, "models/en-de is not above " + Path.of("").toAbsolutePath());
        return at;
    }

    /** The demonstration model. */
    static String model() {
        return root().resolve("models/en-de").toString();
    }

    static Path golden(String name) {
        return root().resolve("tests/src/test/resources/goldens").resolve(name);
    }

    /** Short English sentences, all different. */
    static List<String> sentences(int count) {
        List<String> who = List.of("Tom", "Mary", "My father", "The teacher", "Our neighbor", "The old man", "Her dog");
        List<String> what =
                List.of("is waiting", "likes to swim", "was sleeping", "will come", "had to work", "is tired");
        List<String> when = List.of("today", "in the garden", "every morning", "at home", "because of the rain");
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String times = i < 210 ? "" : " for the " + (i / 210) + "th time";
            sentences.add(who.get(i % 7) + " " + what.get(i / 7 % 6) + " " + when.get(i / 42 % 5) + times + ".");
        }
        return sentences;
    }
}
