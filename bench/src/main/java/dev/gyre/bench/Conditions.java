package dev.gyre.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.TuningOrigin;
import dev.gyre.cli.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;

/**
 * Under which conditions a figure was measured.
 *
 * @param device as the user named it, with its settings
 * @param description which one that is
 * @param threads of the host that it computes with; 0 for a device that is no processor
 * @param tune what {@code --tune} was, {@code auto} without
 * @param load the machine's load average before, negative where the system does not tell
 * @param first whether nothing was measured in this process before
 */
record Conditions(
        String device,
        DeviceDescription description,
        ComputeType type,
        int threads,
        String tune,
        TuningOrigin tuning,
        double load,
        boolean first) {

    private static final ObjectMapper JSON = new ObjectMapper();

    static Conditions of(String name, Device device, String tune, double load, boolean first) {
        DeviceDescription description = device.description();
        int limit = device.options().threads();
        return new Conditions(
                name,
                description,
                device.options().computeType(),
                description.kind() != Kind.CPU
                        ? 0
                        : limit == 0 ? description.units() : Math.min(limit, description.units()),
                tune,
                device.tuning(),
                load,
                first);
    }

    static double loadNow() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** A record that has them, to be filled with figures. */
    ObjectNode json() {
        ObjectNode object = software()
                .put("device", device)
                .put("name", description.name())
                .put("driver", description.probed().get("driver"))
                .put("type", type.text())
                .put("tune", tune)
                .put("tuning", tuning.kind().text());
        if (tuning.kind() == TuningOrigin.Kind.FILE) {
            object.put("tuning_file", tuning.detail());
        }
        return object.put("threads", threads == 0 ? null : threads).put("load", load < 0 ? null : load);
    }

    /** What every record has, whatever was measured. */
    static ObjectNode software() {
        try {
            return JSON.createObjectNode()
                    .put("gyre", Version.number())
                    .put("jdk", Runtime.version().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For people. A file that was named and not taken, or none, is told too. */
    String tuningText() {
        if (tuning.kind() == TuningOrigin.Kind.FILE) {
            return tuning.toString();
        }
        return tuning.kind().text() + (tune.equals("auto") ? "" : " (--tune " + tune + ")");
    }
}
