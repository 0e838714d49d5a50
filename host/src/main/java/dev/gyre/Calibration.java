package dev.gyre;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.backend.CacheFolder;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of several backends runs the layers of a model faster on one device: measured once for a device, its driver and the
 * shapes, and noted in a file, an object of JSON on each line.
 */
final class Calibration {

    /** In a line of what could not be measured in this JVM, for the launcher, which starts another next time. */
    static final String UNMEASURED = "unmeasured";

    private static final Logger LOG = LoggerFactory.getLogger(Calibration.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What is noted.
     *
     * @param device its name and its driver
     * @param shapes of a layer's products, and the compute type
     * @param milliseconds of each backend that worked
     * @param faster the name of a backend, or {@link #UNMEASURED}
     */
    record Line(String device, String shapes, Map<String, Double> milliseconds, String faster) {

        Line {
            if (device == null || shapes == null || milliseconds == null || faster == null) {
                throw new IllegalArgumentException("a field is missing");
            }
        }

        boolean isFor(String wanted, String wantedShapes) {
            return device.equals(wanted) && shapes.equals(wantedShapes);
        }

        String reason() {
            return "measured faster for this model's shapes: "
                    + milliseconds.entrySet().stream()
                            .map(e -> String.format(Locale.ROOT, "%s %.2f ms", e.getKey(), e.getValue()))
                            .collect(Collectors.joining(", "))
                    + " a layer";
        }
    }

    private final Path file;

    Calibration(Path file) {
        this.file = file;
    }

    static Calibration ofUser() {
        return new Calibration(CacheFolder.of("gyre").resolve("calibration.jsonl"));
    }

    /** What was noted for a device and shapes, if it was measured. */
    Optional<Line> noted(DeviceDescription device, String shapes) {
        return lines().stream()
                .filter(l -> l.isFor(name(device), shapes) && !l.milliseconds().isEmpty())
                .findFirst();
    }

    /**
     * Measures the same device through several backends, and notes it under the name that the first of them gives it.
     *
     * @param seconds of a backend's device for the products; a {@link DeviceException} rules it out
     * @return nothing if none works
     */
    Optional<Line> measure(List<DeviceDescription> same, String shapes, ToDoubleFunction<DeviceDescription> seconds) {
        Map<String, Double> milliseconds = new TreeMap<>();
        for (DeviceDescription d : same) {
            try {
                milliseconds.put(d.backend(), seconds.applyAsDouble(d) * 1e3);
            } catch (DeviceException e) {
                LOG.warn("{} cannot be measured: {}", d.id(), e.getMessage());
            }
        }
        Optional<Line> line = milliseconds.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .map(e -> new Line(name(same.getFirst()), shapes, milliseconds, e.getKey()));
        line.ifPresent(this::note);
        return line;
    }

    /** Notes that a backend would have to be measured which this JVM cannot run, unless that was found out before. */
    void noteUnmeasured(DeviceDescription device, String shapes) {
        if (lines().stream().noneMatch(l -> l.isFor(name(device), shapes))) {
            note(new Line(name(device), shapes, Map.of(), UNMEASURED));
        }
    }

    /** Notes of what was to be measured that there is one backend only after all. */
    void noteOnly(DeviceDescription device, String shapes) {
        if (lines().contains(new Line(name(device), shapes, Map.of(), UNMEASURED))) {
            note(new Line(name(device), shapes, Map.of(), device.backend()));
        }
    }

    private static String name(DeviceDescription device) {
        return device.name() + ", " + device.probed().getOrDefault("driver", "");
    }

    private List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        try {
            for (String text : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
                Line line = JSON.readValue(text, Line.class);
                if (line == null) {
                    throw new JsonMappingException(null, "null is no line");
                }
                lines.add(line);
            }
        } catch (JsonProcessingException e) {
            LOG.warn("{} is damaged and will be written anew", file);
            return new ArrayList<>();
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", file, e.getMessage());
        }
        return lines;
    }

    private void note(Line line) {
        List<Line> lines = lines();
        if (lines.contains(line)) {
            return;
        }
        lines.removeIf(l -> l.isFor(line.device(), line.shapes()));
        lines.add(line);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path whole = Files.createTempFile(file.toAbsolutePath().getParent(), "calibration", ".tmp");
            StringBuilder text = new StringBuilder();
            for (Line l : lines) {
                text.append(JSON.writeValueAsString(l)).append('\n');
            }
            Files.writeString(whole, text);
            Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("{} cannot be written, so devices will be measured again: {}", file, e.getMessage());
        }
    }
}
