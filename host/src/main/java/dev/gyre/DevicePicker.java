package dev.gyre;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.OutOfMemoryException;
import dev.gyre.cpu.ReferenceBackend;
import dev.gyre.transformer.Transformer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which device to take. {@code auto} prefers the GPU with most memory, then a processor through OpenCL, then the {@code
 * cpu} backend, which is always there; the scalar reference is never taken by itself. {@code cpu}, {@code opencl} and
 * {@code opencl:1} force one.
 *
 * <p>The order of the last two is measured: 400 sentences with the demonstration model on 2 cores of an AVX-512 Xeon took
 * 0.63 s of processor time through PoCL 3.1 and 0.98 s through the Vector API greedily, 1.65 s and 2.50 s with 4 beams.
 */
public final class DevicePicker {

    /** Takes the best device that works. */
    public static final String AUTO = "auto";

    /** Set by the launcher where there is a TornadoVM SDK that this JVM was started without. */
    private static final String SDK_ELSEWHERE = "gyre.tornado.elsewhere";

    private static final String OPENCL = "opencl";

    private static final Logger LOG = LoggerFactory.getLogger(DevicePicker.class);

    /** A device that {@code auto} would take, and why it has its place. */
    public record Choice(DeviceDescription device, String reason) {}

    private DevicePicker() {}

    /** The devices that {@code auto} tries, best first; never empty where the {@code cpu} backend is there. */
    public static List<Choice> ranked() {
        return ranked(Backends.all());
    }

    static List<Choice> ranked(List<Backend> backends) {
        List<Choice> choices = new ArrayList<>();
        for (Backend backend : backends) {
            if (backend.name().equals(ReferenceBackend.NAME)) {
                continue;
            }
            for (DeviceDescription d : backend.devices()) {
                if (d.usable()) {
                    choices.add(new Choice(d, reason(d)));
                }
            }
        }
        choices.sort(Comparator.comparingInt((Choice c) -> place(c.device()))
                .thenComparing(Comparator.comparingLong((Choice c) -> c.device().memoryBytes())
                        .reversed()));
        return List.copyOf(choices);
    }

    /**
     * Opens the device that a user asks for and uses it. Only {@code auto} goes on to the next device when one fails;
     * once one works, those before it are logged with their reasons.
     *
     * @param spec {@code auto}, the name of a backend, or {@code backend:index}; settings of the backend may follow, {@code
     *     opencl:0?opencl.fused=off&opencl.rough=off}, which go before those of the options
     * @param use what makes of an open device what is wanted; when it fails, it has closed the device
     * @throws DeviceException if the device is not there, or fails, or with {@code auto} none works, which names each
     * @throws OutOfMemoryException if the model is too large for the device, or with {@code auto} for every device
     */
    public static <T> T open(String spec, DeviceOptions options, Function<Device, T> use) {
        return open(spec, options, Optional.empty(), use);
    }

    /**
     * The same for a model. Where {@code auto} finds a device through {@code opencl} and through {@code tornado}, it takes
     * what is faster for the layers of this model: measured in a second or two the first time, then noted.
     */
    public static <T> T open(String spec, DeviceOptions options, Transformer model, Function<Device, T> use) {
        return open(spec, options, Optional.of(LayerProducts.of(model)), use);
    }

    private static <T> T open(
            String text, DeviceOptions given, Optional<LayerProducts> products, Function<Device, T> use) {
        DeviceSpec spec = DeviceSpec.of(text);
        DeviceOptions options = spec.over(given);
        if (!spec.isAuto()) {
            Backend backend = Backends.named(spec.backend());
            int index = spec.index() == DeviceSpec.FIRST_USABLE ? firstUsable(backend) : spec.index();
            Device device = Backends.open(backend, index, options);
            LOG.info(
                    "using {} ({}), as asked for",
                    device.description().id(),
                    device.description().name());
            return use.apply(device);
        }
        Map<DeviceDescription, DeviceException> failed = new LinkedHashMap<>();
        List<Choice> ranked = ranked();
        for (Choice choice : products.map(p -> calibrated(ranked, options, p)).orElse(ranked)) {
            DeviceDescription d = choice.device();
            try {
                T made = use.apply(Backends.open(Backends.named(d.backend()), d.index(), options));
                failed.forEach((f, e) -> LOG.warn("{} ({}) is left out: {}", f.id(), f.name(), e.getMessage()));
                LOG.info("using {} ({}): {}", d.id(), d.name(), choice.reason());
                return made;
            } catch (DeviceException e) {
                failed.put(d, e);
            }
        }
        throw together(failed);
    }

    /** The first device through the backend that runs it fastest, then the others as they were. */
    private static List<Choice> calibrated(List<Choice> ranked, DeviceOptions options, LayerProducts products) {
        if (ranked.isEmpty()) {
            return ranked;
        }
        DeviceDescription best = ranked.getFirst().device();
        // OpenCL's own name of the driver comes first, as it is there in every JVM.
        List<DeviceDescription> same = ranked.stream()
                .map(Choice::device)
                .filter(d -> d.kind() == best.kind() && d.name().equals(best.name()))
                .sorted(Comparator.comparing(d -> !d.backend().equals(OPENCL)))
                .toList();
        DeviceDescription named = same.getFirst();
        String shapes = products.key() + " " + options.computeType();
        Calibration calibration = Calibration.ofUser();
        Optional<Calibration.Line> noted = calibration.noted(named, shapes);
        if (same.stream().map(DeviceDescription::backend).distinct().count() < 2) {
            if (!Boolean.getBoolean(SDK_ELSEWHERE)) {
                calibration.noteOnly(named, shapes);
            } else if (named.backend().equals(OPENCL)) {
                calibration.noteUnmeasured(named, shapes);
            }
            return ranked;
        }
        return noted.or(() -> calibration.measure(same, shapes, d -> {
                    try (Device device = Backends.open(Backends.named(d.backend()), d.index(), options)) {
                        return products.seconds(device);
                    }
                }))
                .map(line -> {
                    List<Choice> order = new ArrayList<>();
                    same.stream()
                            .filter(d -> d.backend().equals(line.faster()))
                            .findFirst()
                            .ifPresent(d -> order.add(new Choice(d, line.reason())));
                    ranked.stream()
                            .filter(c ->
                                    order.stream().noneMatch(o -> o.device().equals(c.device())))
                            .forEach(order::add);
                    return List.copyOf(order);
                })
                .orElse(ranked);
    }

    /**
     * Does something while the drivers of the devices that {@link #open} will look at are loaded on another thread, which
     * takes about as long as reading a model's description and tokenizer. What is wrong with them, {@link #open} says.
     */
    static <T> T whileDriversLoad(String text, Supplier<T> work) {
        CompletableFuture<Void> loading = CompletableFuture.runAsync(
                () -> {
                    try {
                        DeviceSpec spec = DeviceSpec.of(text);
                        List<Backend> wanted = spec.isAuto() ? Backends.all() : List.of(Backends.named(spec.backend()));
                        wanted.forEach(Backend::devices);
                    } catch (RuntimeException | LinkageError e) {
                        LOG.debug("drivers of {} did not load: {}", text, e.toString());
                    }
                },
                task -> Thread.ofPlatform().daemon().name("gyre-drivers").start(task));
        try {
            return work.get();
        } finally {
            loading.join();
        }
    }

    /** One failure for all of them: where the model is too large for each, the one of the device that would be best. */
    private static DeviceException together(Map<DeviceDescription, DeviceException> failed) {
        if (failed.isEmpty()) {
            return new DeviceException("there is no usable device; \"gyre devices\" says what is missing");
        }
        List<DeviceException> all = List.copyOf(failed.values());
        DeviceException best = all.getFirst();
        if (all.size() == 1) {
            return best;
        }
        boolean large = all.stream().allMatch(OutOfMemoryException.class::isInstance);
        DeviceException one = large
                ? best
                : new DeviceException("no device works: "
                        + failed.entrySet().stream()
                                .map(f -> f.getKey().id() + ": " + f.getValue().getMessage())
                                .collect(Collectors.joining("; ")));
        all.stream().filter(e -> e != one).forEach(one::addSuppressed);
        return one;
    }

    private static int place(DeviceDescription d) {
        if (d.kind() == Kind.GPU) {
            return 0;
        }
        return d.backend().equals("cpu") ? 2 : 1;
    }

    private static String reason(DeviceDescription d) {
        return switch (place(d)) {
            case 0 -> "a GPU";
            case 1 -> "the processor through " + d.backend() + ", which was measured to be faster than in this JVM";
            default -> "the processor, in this JVM";
        };
    }

    private static int firstUsable(Backend backend) {
        List<DeviceDescription> devices = backend.devices();
        return devices.stream()
                .filter(DeviceDescription::usable)
                .mapToInt(DeviceDescription::index)
                .findFirst()
                .orElseThrow(() -> new DeviceException(backend.name() + " has no usable device: "
                        + (devices.isEmpty()
                                ? backend.absence()
                                : devices.getFirst().unusable())));
    }
}
