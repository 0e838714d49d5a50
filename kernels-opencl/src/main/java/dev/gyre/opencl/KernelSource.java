package dev.gyre.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The text of one program: kernel files and defines in the order in which they are given. Equal texts are compiled
 * once.
 */
record KernelSource(List<String> parts) {

    /**
     * Build options of every program. None that allows the compiler to change a result: contraction is written out as
     * fma where it is wanted. No warnings: PoCL's compiler counts them on the standard error of whoever uses Gyre, and
     * has dozens about how vectors wider than the processor's registers are passed, which no source can change.
     */
    static final String OPTIONS = "-cl-std=CL1.2 -w";

    KernelSource {
        parts = List.copyOf(parts);
    }

    static KernelSource empty() {
        return new KernelSource(List.of("#pragma OPENCL FP_CONTRACT OFF\n"));
    }

    KernelSource define(String name, int value) {
        return with("#undef " + name + "\n#define " + name + " " + value + "\n");
    }

    /** Adds a file of this package's resources. */
    KernelSource file(String name) {
        try (InputStream in = KernelSource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("kernel file " + name + " is not on the class path");
            }
            return with(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("kernel file " + name + " cannot be read", e);
        }
    }

    String text() {
        return String.join("\n", parts);
    }

    private KernelSource with(String part) {
        List<String> longer = new ArrayList<>(parts);
        longer.add(part);
        return new KernelSource(longer);
    }
}
