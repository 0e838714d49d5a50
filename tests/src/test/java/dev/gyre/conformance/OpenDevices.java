package dev.gyre.conformance;

import dev.gyre.backend.Device;
import java.util.LinkedHashMap;
import java.util.Map;

/** The devices that a test class has opened: each once, as opening may compile kernels. */
final class OpenDevices implements AutoCloseable {

    private final Map<String, Device> open = new LinkedHashMap<>();

    Device get(Target target) {
        return open.computeIfAbsent(target.label(), label -> target.open());
    }

    @Override
    public void close() {
        open.values().forEach(Device::close);
        open.clear();
    }
}
