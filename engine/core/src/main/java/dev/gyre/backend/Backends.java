package dev.gyre.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backends on the class path. */
public final class Backends {

    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    private Backends() {}

    /** Every backend that can be loaded, by name; one that cannot be loaded is logged with the reason. */
    public static List<Backend> all() {
        List<Backend> found = new ArrayList<>();
        for (ServiceLoader.Provider<Backend> provider :
                ServiceLoader.load(Backend.class, Backends.class.getClassLoader()).stream()
                        .toList()) {
            try {
                found.add(provider.get());
            } catch (ServiceConfigurationError | LinkageError e) {
                LOG.warn("backend {} cannot be loaded: {}", provider.type().getName(), e.toString());
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
}
