package dev.gyre.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The largest resident size that this process has had. */
final class PeakMemory {

    private PeakMemory() {}

    /** MiB as Linux counts them, 0 elsewhere. */
    static long mebibytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
                }
            }
        } catch (IOException | NumberFormatException e) {
            // Not Linux: there is no such figure.
        }
        return 0;
    }
}
