package dev.gyre.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backends on the class path. */
public final class Backends {

    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    private Backends() {}

    /** Every backend that can be loaded, by name; one that cannot be loaded is logged with the reason. */
    public static List<Backend> all() {
        return all(Backends.class.getClassLoader());
    }

    static List<Backend> all(@Nullable ClassLoader loader) {
        List<Backend> found = new ArrayList<>();
        Iterator<Backend> providers = ServiceLoader.load(Backend.class, loader).iterator();
        // An iterator that has thrown goes on with the next one.
        for (boolean more = true; more; ) {
            try {
                more = providers.hasNext();
                if (more) {
                    found.add(providers.next());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                LOG.warn("a backend cannot be loaded: {}", e.toString());
            }
        }
        found.sort(Comparator.comparing(Backend::name));
        return List.copyOf(found);
    }

    /**
     * The backend with this name.
     *
     * @throws DeviceException if there is none; the message lists those that are there
     */
    public static Backend named(String name) {
        List<Backend> all = all();
        return all.stream()
                .filter(b -> b.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DeviceException("there is no backend \"" + name + "\"; there are "
                        + String.join(", ", all.stream().map(Backend::name).toList())));
    }

    /**
     * Opens a device in a compute type that it has, which for {@link ComputeType#AUTO} the backend chooses; what it chose
     * and why is logged. {@link Device#options} has the type that was taken.
     *
     * @param index position in {@link Backend#devices()}
     * @throws DeviceException if the device is not there, cannot be used, or does not compute in this type
     */
    public static Device open(Backend backend, int index, DeviceOptions options) {
        ComputeType wanted = options.computeType();
        if (wanted != ComputeType.AUTO) {
            Set<ComputeType> offered = backend.computeTypes();
            if (!offered.contains(wanted)) {
                throw new DeviceException(backend.name() + " does not compute in " + wanted.text() + "; choose "
                        + offered.stream().sorted().map(ComputeType::text).collect(Collectors.joining(", "))
                        + " or auto");
            }
            return backend.open(index, options);
        }
        AutomaticType choice = backend.automaticType(index, options);
        Device device = backend.open(index, options.withComputeType(choice.type()));
        LOG.info(
                "compute type auto: {} ({}: {})",
                choice.type().text(),
                device.description().id(),
                choice.reason());
        return device;
    }
}
