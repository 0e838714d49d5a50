package dev.gyre.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of one program: kernel files and defines in the order in which they are given. Equal texts are compiled
 * once.
 */
record KernelSource(List<Part> parts) {

    /**
     * Build options of every program. None that allows the compiler to change a result: contraction is written out as
     * fma where it is wanted. No warnings: PoCL's compiler counts them on the standard error of whoever uses Gyre, and
     * has dozens about how vectors wider than the processor's registers are passed, which no source can change.
     */
    static final String OPTIONS = "-cl-std=CL1.2 -w";

    private static final Pattern COMMENT = Pattern.compile("//.*");
    private static final Pattern WORD = Pattern.compile("\\w+");

    KernelSource {
        parts = List.copyOf(parts);
    }

    sealed interface Part {}

    record Define(String name, String value) implements Part {}

    record Text(String text) implements Part {}

    static KernelSource empty() {
        return new KernelSource(List.of(new Text("#pragma OPENCL FP_CONTRACT OFF\n")));
    }

    KernelSource define(String name, int value) {
        return define(name, String.valueOf(value));
    }

    KernelSource define(String name, String value) {
        return with(List.of(new Define(name, value)));
    }

    KernelSource text(String text) {
        return with(List.of(new Text(text)));
    }

    /** Adds a file of this package's resources. */
    KernelSource file(String name) {
        try (InputStream in = KernelSource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("kernel file " + name + " is not on the class path");
            }
            return text(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("kernel file " + name + " cannot be read", e);
        }
    }

    /**
     * Adds what another source has and this one has not. A file is there if it was taken in with the same values of the
     * defines whose names are in it.
     */
    KernelSource include(KernelSource other) {
        Map<String, String> defines = new HashMap<>();
        Set<List<Object>> there = new HashSet<>();
        parts.forEach(part -> take(part, defines, there));
        return with(
                other.parts.stream().filter(part -> take(part, defines, there)).toList());
    }

    /** Whether the part changes anything. */
    private static boolean take(Part part, Map<String, String> defines, Set<List<Object>> there) {
        return switch (part) {
            case Define d -> !d.value.equals(defines.put(d.name, d.value));
            case Text t -> {
                Map<String, String> mentioned = WORD.matcher(
                                COMMENT.matcher(t.text).replaceAll(""))
                        .results()
                        .map(word -> word.group())
                        .filter(defines::containsKey)
                        .distinct()
                        .collect(Collectors.toMap(name -> name, defines::get));
                yield there.add(List.of(t.text, mentioned));
            }
        };
    }

    String text() {
        return parts.stream()
                .map(part -> switch (part) {
                    case Define d -> "#undef " + d.name + "\n#define " + d.name + " " + d.value + "\n";
                    case Text t -> t.text;
                })
                .collect(Collectors.joining("\n"));
    }

    private KernelSource with(List<? extends Part> more) {
        List<Part> longer = new ArrayList<>(parts);
        longer.addAll(more);
        return new KernelSource(longer);
    }
}
