package dev.gyre.cli;

import dev.gyre.backend.DeviceOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --tune}: whose settings a device's kernels take; a mixin for commands that open devices. */
public final class TuneArgument {

    @Option(
            names = "--tune",
            paramLabel = "off|FILE",
            description = "The file of \"gyre tune\" to take, or off for none (default: this device's, where there is"
                    + " one).")
    private @Nullable String tune;

    /** What was given, {@code auto} without. */
    public String given() {
        return tune == null ? "auto" : tune;
    }

    /**
     * As {@code options}, with what was given.
     *
     * @throws RuntimeException that {@link Failure} knows as a mistake, if there is no such file
     */
    public DeviceOptions over(DeviceOptions options) {
        if (tune == null) {
            return options;
        }
        // Said here: with --device auto the backend's own refusal would only make the next device be taken.
        if (!tune.equals("off") && !tune.equals("auto") && !Files.isRegularFile(Path.of(tune))) {
            throw new UserException(
                    "--tune: there is no file " + tune + "; give off, or a file that \"gyre tune\" wrote");
        }
        Map<String, String> settings = new HashMap<>(options.tuning());
        settings.put("opencl.tune", tune);
        return options.withTuning(settings);
    }
}
