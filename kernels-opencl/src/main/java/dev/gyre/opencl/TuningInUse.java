package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.TuningOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tuning a device takes: the file that {@code gyre tune} wrote, or the one that setting {@code opencl.tune} names;
 * for what that does not have, or with {@code off}, what is shipped for devices like it; else what is built in. A file
 * that is damaged or was made for something else is left alone and said in one line.
 *
 * @param path where the file lies, if there is one that is used
 * @param text what is in use, for people
 */
record TuningInUse(Optional<Path> path, Optional<TuningFile> file, Optional<TuningFile> shipped, String text) {

    private static final Logger LOG = LoggerFactory.getLogger(TuningInUse.class);
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    static TuningInUse find(ClDevice device, DeviceOptions options, Path cache) {
        Optional<TuningFile> shipped = Quirks.shippedTuning(device).map(TuningInUse::resource);
        String fallback = shipped.map(s -> "shipped: " + s.note()).orElse("built in");
        String setting = options.tuning().getOrDefault("opencl.tune", "auto");
        if (setting.equals("off")) {
            return new TuningInUse(Optional.empty(), Optional.empty(), shipped, fallback);
        }
        Path path = setting.equals("auto") ? TuningFile.place(cache, device) : Path.of(setting);
        if (!Files.exists(path)) {
            if (!setting.equals("auto")) {
                throw new DeviceException(
                        "tuning file " + path + " is not there; give off, or a file that \"gyre tune\" wrote");
            }
            return new TuningInUse(Optional.empty(), Optional.empty(), shipped, fallback);
        }
        try {
            TuningFile file = TuningFile.read(path);
            String stale = difference(file.key(), TuningFile.key(device));
            if (stale.isEmpty()) {
                return new TuningInUse(Optional.of(path), Optional.of(file), shipped, path + " (" + uses(file) + ")");
            }
            return refused(shipped, path, "was made for another " + stale, fallback);
        } catch (IOException e) {
            return refused(shipped, path, "cannot be read: " + e.getMessage(), fallback);
        }
    }

    /** What the file has, else what is shipped. */
    Optional<TunedKernels> kernels(Kind kind, ComputeType type) {
        TuningFile.Use use = new TuningFile.Use(kind, type);
        return file.map(f -> f.found().get(use))
                .or(() -> shipped.map(s -> s.found().get(use)));
    }

    /** Where {@link #kernels} come from. */
    TuningOrigin origin(Kind kind, ComputeType type) {
        TuningFile.Use use = new TuningFile.Use(kind, type);
        return path.filter(_ -> file.filter(f -> f.found().containsKey(use)).isPresent())
                .map(p -> new TuningOrigin(TuningOrigin.Kind.FILE, p.toString()))
                .or(() -> shipped.filter(s -> s.found().containsKey(use))
                        .map(s -> new TuningOrigin(TuningOrigin.Kind.SHIPPED, s.note())))
                .orElse(TuningOrigin.BUILT_IN);
    }

    /** The file with its other entries where it is good for this device, else an empty one. */
    static TuningFile toContinue(Path path, ClDevice device) {
        Map<String, String> key = TuningFile.key(device);
        try {
            if (Files.exists(path)) {
                TuningFile file = TuningFile.read(path);
                if (file.key().equals(key)) {
                    return file;
                }
            }
        } catch (IOException e) {
            LOG.debug("tuning file {} is made anew: {}", path, e.getMessage());
        }
        return new TuningFile(key, "made by gyre tune", Map.of());
    }

    private static TuningInUse refused(Optional<TuningFile> shipped, Path path, String why, String fallback) {
        String line = "tuning file " + path + " " + why + "; it is not used (\"gyre tune\" makes it anew)";
        if (SAID.add(line)) {
            LOG.warn("{}", line);
        }
        return new TuningInUse(Optional.empty(), Optional.empty(), shipped, fallback + "; " + path + " " + why);
    }

    private static String difference(Map<String, String> there, Map<String, String> here) {
        return new TreeMap<>(here)
                .keySet().stream()
                        .filter(k -> !here.get(k).equals(there.get(k)))
                        .map(k -> k.equals("kernels") ? "version of the kernels" : k)
                        .collect(Collectors.joining(" and "));
    }

    private static String uses(TuningFile file) {
        return file.found().keySet().stream()
                .map(u -> (u.type() + " with " + u.kernels() + " kernels").toLowerCase(java.util.Locale.ROOT))
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static TuningFile resource(String name) {
        try (InputStream in = TuningInUse.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("shipped tuning " + name + " is not on the class path");
            }
            return TuningFile.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException("shipped tuning " + name + " is damaged", e);
        }
    }
}
