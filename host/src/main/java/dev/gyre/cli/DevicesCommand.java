package dev.gyre.cli;

import dev.gyre.DevicePicker;
import dev.gyre.backend.AutomaticType;
import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code gyre devices}. */
@Command(
        name = "devices",
        description =
                "Lists every backend and device with what was probed, and says which one \"auto\" takes, and why.")
final class DevicesCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    DevicesCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Backend backend : Backends.all()) {
            List<DeviceDescription> devices = backend.devices();
            if (devices.isEmpty()) {
                text.append(backend.name())
                        .append(": no device: ")
                        .append(backend.absence())
                        .append('\n');
            }
            devices.forEach(d -> describe(backend, d, text));
        }
        List<DevicePicker.Choice> ranked = DevicePicker.ranked();
        if (ranked.isEmpty()) {
            text.append("auto: no usable device\n");
        } else {
            DevicePicker.Choice best = ranked.getFirst();
            text.append("auto: takes ")
                    .append(best.device().id())
                    .append(", ")
                    .append(best.reason())
                    .append('\n');
        }
        streams.write(text.toString());
        return ExitCode.OK;
    }

    private static void describe(Backend backend, DeviceDescription device, StringBuilder text) {
        text.append(device.id()).append(": ").append(device.name()).append('\n');
        if (!device.usable()) {
            row("not usable", device.unusable(), text);
        }
        row("kind", device.kind().name().toLowerCase(Locale.ROOT), text);
        row("units", Integer.toString(device.units()), text);
        row("memory", ByteSize.text(device.memoryBytes()), text);
        row("largest buffer", ByteSize.text(device.maxBufferBytes()), text);
        row(
                "compute types",
                backend.computeTypes().stream().sorted().map(ComputeType::text).collect(Collectors.joining(", ")),
                text);
        AutomaticType automatic = backend.automaticType(device.index(), DeviceOptions.DEFAULTS);
        row("compute type auto", automatic.type().text() + ", " + automatic.reason(), text);
        for (Map.Entry<String, String> probe : new TreeMap<>(device.probed()).entrySet()) {
            row(probe.getKey(), probe.getValue(), text);
        }
    }

    private static void row(String key, String value, StringBuilder text) {
        text.append("  %-20s %s\n".formatted(key, value));
    }
}
