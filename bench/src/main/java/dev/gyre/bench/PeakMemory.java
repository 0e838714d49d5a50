package dev.gyre.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The largest resident size that this process has had. */
final class PeakMemory {

    private PeakMemory() {}

    /** MiB as Linux counts them; empty elsewhere. */
    static OptionalLong mebibytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) / 1024);
                }
            }
        } catch (IOException | NumberFormatException e) {
            // Not Linux: there is no such figure.
        }
        return OptionalLong.empty();
    }
}
