package dev.gyre.opencl;

import java.util.stream.IntStream;

/** Which files, with which defines, make the kernels of products, in a variant per unit that multiplies. */
record ProductSources(Tuning tuning) {

    /** What the units of the device multiply by, where they are chosen by a trial. */
    KernelSource ofUnits() {
        if (tuning.packing().int8()) {
            return int8();
        }
        return tuning.cpu() ? tiles() : mma();
    }

    KernelSource int8() {
        int tile = tuning.int8().registers().rows();
        boolean dp4a = tuning.int8().dp4a();
        KernelSource source = KernelSource.empty()
                .define("WEIGHTS", tuning.packing().stored())
                .define("NEIGHBOURS", tuning.int8().neighbours)
                .define("BIASED", tuning.packing().biased() ? 1 : 0)
                .define("LANES", Kernels.rowLanes(tuning))
                .define("PANELS", Kernels.INT8_PANELS)
                .define("FEW", tuning.cpu() ? Kernels.INT8_FEW_ROWS : Kernels.FEW_ROWS)
                .define("TILE", tile);
        if (tuning.cpu()) {
            source = source.define("ACTIVATE_VECTORS", 1)
                    .define("WIDE", tuning.int8().registers().columns() / Packing.INT8_PANEL);
        }
        if (dp4a) {
            source = source.define("SIGNED", 1).define("DP4A", tuning.int8().dot4);
        }
        source = source.file("operands.cl")
                .file("weights.cl")
                .file("activation.cl")
                .file("quantize.cl");
        if (dp4a) {
            return source.file("dp4a.cl").file("linear_int8_dp4a.cl");
        }
        if (!tuning.cpu()) {
            return source.file("linear_int8_gpu.cl");
        }
        source = source.define("PREFETCH", tuning.prefetch())
                .define("AHEAD", tuning.ahead())
                .file("prefetch.cl");
        source = source.file("linear_int8_end.cl");
        if (tuning.packing().quads()) {
            return quads(source, tile);
        }
        if (tuning.int8() == Int8Unit.PLAIN) {
            source = source.define("PLAIN", 1);
        }
        for (int rows : new int[] {1, 2, 4, tile}) {
            source = source.define("R", rows).file("linear_int8_sums.cl").file("linear_int8_tile.cl");
        }
        return source.file("linear_int8_cpu.cl").file("linear_int8_few.cl");
    }

    private KernelSource quads(KernelSource head, int tile) {
        Int8Unit unit = tuning.int8();
        int below = Math.min(tile, 8);
        KernelSource source =
                head.define("DOT4", unit.dot4).define("BELOW", below).file("dot4.cl");
        for (int rows : IntStream.of(1, 2, 4, below, tile).distinct().toArray()) {
            source = source.define("R", rows).file("linear_int8_quads_tile.cl");
        }
        source = source.file("linear_int8_quads.cl").file("linear_int8_few.cl");
        return unit.tiles()
                ? source.define("AMX", unit.tileInstructions).file("tiles.cl").file("linear_int8_amx.cl")
                : source;
    }

    KernelSource tiles() {
        return KernelSource.empty()
                .define("WEIGHTS", tuning.packing().stored())
                .define("ACTIVATE_VECTORS", 1)
                .define("AMX", tuning.units().floats().instructions)
                .file("operands.cl")
                .file("weights.cl")
                .file("activation.cl")
                .file("tiles.cl")
                .file("bfloat16_rows.cl")
                .file("linear_bfloat16_amx.cl");
    }

    KernelSource mma() {
        KernelSource source = KernelSource.empty()
                .define("WEIGHTS", tuning.packing().stored())
                .define("MMA", tuning.units().floats().instructions)
                .file("operands.cl")
                .file("weights.cl")
                .file("activation.cl")
                .file("gpu_rows.cl")
                .file("mma.cl");
        return mmaKernel(mmaKernel(source, "linear_mma_few", 1, 2, 1, 4), "linear_mma", 2, 4, 2, 2);
    }

    private static KernelSource mmaKernel(
            KernelSource source, String name, int partsM, int partsN, int warpsM, int warpsN) {
        return source.define("LINEAR_MMA", name)
                .define("PARTS_M", partsM)
                .define("PARTS_N", partsN)
                .define("WARPS_M", warpsM)
                .define("WARPS_N", warpsN)
                .file("linear_mma.cl");
    }

    KernelSource linear(LinearSettings settings) {
        KernelSource source = KernelSource.empty()
                .define("PANEL", tuning.panel())
                .define("WEIGHTS", tuning.packing().stored());
        if (!tuning.cpu()) {
            return source.define("FEW", settings.few())
                    .define("TILE_M", settings.tile())
                    .define("THREADS_M", Kernels.GPU_THREADS)
                    .define("THREADS_N", Kernels.GPU_THREADS)
                    .file("operands.cl")
                    .file("weights.cl")
                    .file("activation.cl")
                    .file("gpu_rows.cl")
                    .file("linear_gpu.cl");
        }
        source = source.define("ACTIVATE_VECTORS", 1)
                .define("TILE", settings.tile())
                .define("BLOCK", settings.block())
                .define("DEPTH", settings.depth())
                .file("operands.cl")
                .file("weights.cl")
                .file("activation.cl");
        source = source.define("PREFETCH", settings.prefetch())
                .define("AHEAD", settings.ahead())
                .file("prefetch.cl");
        int[] tiles = IntStream.of(1, 2, 4, 8, settings.tile())
                .filter(rows -> rows != 8 || settings.tile() >= 8)
                .distinct()
                .toArray();
        for (int rows : tiles) {
            source = source.define("R", rows).file("linear_cpu_tile.cl");
        }
        int rowPanels = Kernels.rowPanels(tuning.panel());
        return (rowPanels == 1 ? source : source.define("ROW_PANELS", rowPanels).file("linear_cpu_row.cl"))
                .file("linear_cpu.cl");
    }

    KernelSource rough() {
        KernelSource source = KernelSource.empty()
                .define("ACTIVATE_VECTORS", 1)
                .define("PANEL", tuning.panel())
                .define("WEIGHTS", tuning.packing().stored())
                .define("NEIGHBOURS", 4)
                .define("SIGNED", 1)
                .define("LANES", 1)
                .define("PANELS", Kernels.INT8_PANELS)
                .define("TILE", Kernels.INT8_TILE)
                .file("operands.cl")
                .file("weights.cl")
                .file("activation.cl")
                .file("edits.cl")
                .file("quantize.cl")
                .file("rough.cl")
                .file("dot4.cl")
                .file("rough_weights.cl")
                .file("rough_rows.cl");
        source = source.define("PREFETCH", tuning.prefetch())
                .define("AHEAD", tuning.ahead())
                .file("prefetch.cl");
        for (int rows : new int[] {1, 2, 4, Kernels.INT8_TILE}) {
            source = source.define("R", rows).file("rough_peaks_tile.cl");
        }
        return source.define("R", 1)
                .file("linear_cpu_tile.cl")
                .file("rough_peaks.cl")
                .file("select_best.cl");
    }
}
