package dev.gyre.opencl;

import dev.gyre.backend.AutomaticType;
import dev.gyre.backend.Backend;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Tunable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Graphs on every OpenCL device of the machine, the CPU included where PoCL is installed. */
public final class OpenClBackend implements Backend, Tunable {

    /** The name a user gives. */
    public static final String NAME = "opencl";

    private final ProgramCache cache;

    /** With the program cache of the user: {@code $GYRE_CACHE}, else {@code gyre/opencl} in the user's cache folder. */
    public OpenClBackend() {
        this(ProgramCache.ofUser());
    }

    OpenClBackend(ProgramCache cache) {
        this.cache = cache;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<DeviceDescription> devices() {
        List<ClDevice> found = Platforms.find().devices();
        List<DeviceDescription> described = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            described.add(describe(found.get(i), i));
        }
        return List.copyOf(described);
    }

    @Override
    public String absence() {
        return Platforms.find().absence();
    }

    @Override
    public Set<ComputeType> computeTypes() {
        return EnumSet.complementOf(EnumSet.of(ComputeType.AUTO));
    }

    /**
     * Measured on PoCL with AVX2 only: int8 was faster than float32 and bfloat16 with one sentence and with 32, greedily
     * and with beams; of other processors and of GPUs nothing is measured.
     */
    @Override
    public AutomaticType automaticType(int index, DeviceOptions options) {
        return switch (options.kernels().orElse(device(index).kind())) {
            case CPU -> new AutomaticType(ComputeType.INT8, "faster than float32 and bfloat16 on a CPU, as measured");
            case GPU -> new AutomaticType(ComputeType.FLOAT16, "half the memory to read on a GPU; not measured");
        };
    }

    @Override
    public Device open(int index, DeviceOptions options) {
        ClDevice device = device(index);
        DeviceDescription description = describe(device, index);
        if (!description.usable()) {
            throw new DeviceException(description.id() + " cannot be used: " + description.unusable());
        }
        if (!computeTypes().contains(options.computeType())) {
            throw new DeviceException(
                    NAME + " does not choose a compute type when it opens a device; Backends.open does");
        }
        return new OpenClDevice(device, description, options, units(device, description, options), cache);
    }

    private Units units(ClDevice device, DeviceDescription description, DeviceOptions options) {
        return options.computeType() == ComputeType.INT8
                ? new Units(int8(device, description, options).unit(), FloatUnit.FMA)
                : new Units(Int8Unit.PLAIN, floats(device, description, options).unit());
    }

    private FloatChoice floats(ClDevice device, DeviceDescription description, DeviceOptions options) {
        ComputeType type = options.computeType();
        return FloatChoice.of(
                device,
                options,
                Processor.here(),
                unit -> fault(
                        device,
                        description,
                        FloatChoice.options(unit, type),
                        new Units(Int8Unit.PLAIN, unit),
                        trial -> FloatTrial.fault(trial, unit, type)));
    }

    private Int8Choice int8(ClDevice device, DeviceDescription description, DeviceOptions options) {
        return Int8Choice.of(device, options, Processor.here(), unit -> int8Fault(device, description, unit));
    }

    private Optional<String> int8Fault(ClDevice device, DeviceDescription description, Int8Unit unit) {
        return fault(device, description, Int8Choice.options(unit), new Units(unit, FloatUnit.FMA), Int8Trial::fault);
    }

    /** Tries units that the processor has, on a device of its own, unless that came out right before. */
    private Optional<String> fault(
            ClDevice device,
            DeviceDescription description,
            DeviceOptions options,
            Units units,
            Function<Device, Optional<String>> trial) {
        KernelSource products = new ProductSources(Tuning.of(device, options, Optional.empty(), units)).ofUnits();
        String key = ProgramCache.key("products", device.identity(), KernelSource.OPTIONS, products.text());
        return new PassedTrials(cache).fault(key, () -> {
            try (OpenClDevice own = new OpenClDevice(device, description, options, units, cache)) {
                return trial.apply(own);
            } catch (RuntimeException e) {
                // Whatever went wrong: the next unit is taken.
                return Optional.of(Platforms.firstLine(e));
            }
        });
    }

    private static ClDevice device(int index) {
        Platforms platforms = Platforms.find();
        if (!platforms.absence().isEmpty()) {
            throw new DeviceException(platforms.absence());
        }
        if (index < 0 || index >= platforms.devices().size()) {
            throw new DeviceException(NAME + " has " + platforms.devices().size()
                    + " device(s), counted from 0; there is no number " + index);
        }
        return platforms.devices().get(index);
    }

    @Override
    public Path tune(int index, DeviceOptions options, Order order) {
        open(index, options.withTuning(Map.of("opencl.tune", "off"))).close();
        ClDevice device = Platforms.find().devices().get(index);
        Units units = units(device, describe(device, index), options);
        boolean int8 = options.computeType() == ComputeType.INT8;
        boolean tiles = int8 ? units.int8().tiles() : units.floats().tiles();
        if (tiles || int8 && options.kernels().orElse(device.kind()) != Kind.CPU) {
            throw new DeviceException(options.computeType().text() + " by " + (int8 ? units.int8() : units.floats())
                    + " has nothing to tune; choose another compute type");
        }
        Path file = order.file() != null ? order.file() : TuningFile.place(cache.folder(), device);
        Kind kind = options.kernels().orElse(device.kind());
        TuningFile.Use use = new TuningFile.Use(kind, options.computeType());
        List<Trial.Point> points = points(order);
        long end = System.nanoTime() + order.limit().toNanos();
        BooleanSupplier enough =
                () -> System.nanoTime() >= end || Thread.currentThread().isInterrupted();
        // Settings that are tuned are the tuner's; others, as the unit that multiplies, hold for every candidate.
        DeviceOptions plain = Candidate.untuned(options);
        DeviceDescription description = describe(device, index);
        Optional<TunedKernels> without =
                TuningInUse.find(device, plain, cache.folder()).kernels(kind, options.computeType());
        Optional<Candidate> there = Optional.ofNullable(
                        TuningInUse.toContinue(file, device).found().get(use))
                .flatMap(found -> {
                    try {
                        return Optional.of(Candidate.of(Tuning.of(device, plain, Optional.of(found), units)));
                    } catch (DeviceException e) {
                        order.progress().accept(Tuner.DROPPED + e.getMessage());
                        return Optional.empty();
                    }
                });
        Optional<TunedKernels> found = new Tuner(
                        c -> {
                            DeviceOptions its = c.given(plain);
                            return new DeviceTrial(
                                    new OpenClDevice(device, description, its, c.tuned(), units, cache), int8, points);
                        },
                        points,
                        enough,
                        order.progress())
                .run(
                        there,
                        Candidate.of(Tuning.of(device, plain, without, units)),
                        kind == Kind.CPU,
                        device.floatWidth(),
                        best -> {
                            try {
                                // What another has written meanwhile stays.
                                TuningInUse.toContinue(file, device)
                                        .with(use, best)
                                        .write(file);
                            } catch (IOException e) {
                                throw new DeviceException("tuning file " + file + " cannot be written: " + e, e);
                            }
                        });
        if (found.isEmpty()) {
            throw new DeviceException(
                    "no candidate gave right results within " + order.limit().toSeconds()
                            + " s; give more with --seconds, and see what \"gyre check\" says about this device");
        }
        return file;
    }

    @Override
    public List<Map<String, String>> candidates(int index, DeviceOptions options) {
        ClDevice device = Platforms.find().devices().get(index);
        boolean cpu = options.kernels().orElse(device.kind()) == Kind.CPU;
        if (options.computeType() == ComputeType.INT8) {
            DeviceDescription description = describe(device, index);
            List<Map<String, String>> all = new ArrayList<>();
            for (Int8Unit unit :
                    Int8Choice.possible(device, options, Processor.here(), u -> int8Fault(device, description, u))) {
                Map<String, String> setting = Map.of(Int8Choice.SETTING, unit.toString());
                all.add(setting);
                if (cpu && !unit.tiles()) {
                    Candidate.of(Tuning.of(device, options, Optional.empty(), new Units(unit, FloatUnit.FMA)))
                            .extremes(true)
                            .forEach(c ->
                                    all.add(c.given(options.withTuning(setting)).tuning()));
                }
            }
            return List.copyOf(all);
        }
        Candidate first = Candidate.of(Tuning.of(device, options, Optional.empty(), Units.PLAIN));
        Set<Candidate> tiles = new LinkedHashSet<>(List.of(first));
        tiles.addAll(first.tiles(cpu, Candidate.AVX2));
        tiles.addAll(first.tiles(cpu, Candidate.AVX512));
        Set<Candidate> all = new LinkedHashSet<>(List.of(first));
        tiles.forEach(tile -> all.addAll(tile.extremes(cpu)));
        first.variations(cpu).stream()
                .filter(c -> c.settings().equals(first.settings()))
                .forEach(all::add);
        return all.stream().map(Candidate::tuning).toList();
    }

    private static List<Trial.Point> points(Order order) {
        List<Trial.Point> points = new ArrayList<>();
        Set<ShapeClass> seen = new HashSet<>();
        for (Product product : order.products()) {
            if (seen.add(ShapeClass.of(ShapeClass.Rows.ONE, product.columns(), product.inner()))) {
                boolean vocabulary = ShapeClass.Columns.of(product.columns()) == ShapeClass.Columns.VOCABULARY;
                for (int rows : new int[] {1, 8, 32, vocabulary ? 128 : 768}) {
                    points.add(new Trial.Product(product.columns(), product.inner(), rows));
                }
            }
        }
        points.add(new Trial.Attention(order.headSize()));
        return points;
    }

    /** What multiplies, by compute type. */
    private Map<String, String> unitTexts(ClDevice device, DeviceDescription description) {
        Map<String, String> texts = new HashMap<>();
        texts.put(
                ComputeType.INT8.text(),
                int8(device, description, DeviceOptions.DEFAULTS).text());
        for (ComputeType type : FloatChoice.types()) {
            texts.put(
                    type.text(),
                    floats(device, description, DeviceOptions.DEFAULTS.withComputeType(type))
                            .text());
        }
        return texts;
    }

    private DeviceDescription describe(ClDevice device, int index) {
        return new DeviceDescription(
                NAME,
                index,
                device.name(),
                device.kind(),
                device.units(),
                device.memoryBytes(),
                device.maxBufferBytes(),
                new Probes(device, cache, () -> unitTexts(device, describe(device, index))),
                device.usableCompiler() ? "" : "its driver has no compiler, or says that it is not available");
    }
}
