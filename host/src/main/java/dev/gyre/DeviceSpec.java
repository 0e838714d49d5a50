package dev.gyre;

import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.HashMap;
import java.util.Map;

/**
 * What a user writes to name a device: {@code auto}, {@code opencl}, {@code opencl:1}, each with settings of the backend
 * behind a question mark or without, {@code opencl:0?opencl.fused=off&opencl.rough=off}.
 *
 * @param backend its name, or {@code auto}
 * @param index {@link #FIRST_USABLE}, or which of the backend's
 * @param settings as in {@link DeviceOptions#tuning}
 */
record DeviceSpec(String backend, int index, Map<String, String> settings) {

    /** Where no number is given. */
    static final int FIRST_USABLE = -1;

    /** @throws DeviceException in one line */
    static DeviceSpec of(String text) {
        int mark = text.indexOf('?');
        String device = mark < 0 ? text : text.substring(0, mark);
        int colon = device.indexOf(':');
        String backend = colon < 0 ? device : device.substring(0, colon);
        int index = colon < 0 ? FIRST_USABLE : index(device, colon);
        return new DeviceSpec(backend, index, mark < 0 ? Map.of() : settings(backend, text.substring(mark + 1), text));
    }

    private static int index(String device, int colon) {
        try {
            if (!device.startsWith(DevicePicker.AUTO + ":")) {
                return Integer.parseUnsignedInt(device.substring(colon + 1));
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new DeviceException("\"" + device + "\" is not a device: auto, cpu, opencl or opencl:0 are");
    }

    private static Map<String, String> settings(String backend, String text, String whole) {
        String prefix = backend.equals(DevicePicker.AUTO) ? "" : backend + ".";
        Map<String, String> settings = new HashMap<>();
        for (String setting : text.split("&", -1)) {
            int equals = setting.indexOf('=');
            if (equals < 1 || !setting.startsWith(prefix)) {
                throw new DeviceException("device \"" + whole + "\": \"" + setting + "\" is no setting of " + backend
                        + "; they look like opencl.fused=off, with & between them");
            }
            if (settings.put(setting.substring(0, equals), setting.substring(equals + 1)) != null) {
                throw new DeviceException("device \"" + whole + "\" has " + setting.substring(0, equals) + " twice");
            }
        }
        return Map.copyOf(settings);
    }

    boolean isAuto() {
        return backend.equals(DevicePicker.AUTO);
    }

    /** As {@code options}, with these settings over those that are there. */
    DeviceOptions over(DeviceOptions options) {
        Map<String, String> all = new HashMap<>(options.tuning());
        all.putAll(settings);
        return options.withTuning(all);
    }
}
