package dev.gyre.opencl;

import dev.gyre.graph.Columns;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/** Lists the arguments of a kernel one after the other; the run block is the first of every kernel. */
final class Arguments {

    private final KernelName kernel;
    private final Places places;
    private final List<Argument> list = new ArrayList<>();

    Arguments(KernelName kernel, Places places) {
        this.kernel = kernel;
        this.places = places;
        buffer(places.run());
    }

    Call call() {
        return new Call(kernel, list);
    }

    Arguments size(Size size) {
        return number(places.at(size));
    }

    Arguments number(int value) {
        return add(new Argument.Number(value));
    }

    Arguments real(float value) {
        return add(new Argument.Real(value));
    }

    /** Buffer and place; where there is no tensor the kernel is told so by another argument. */
    Arguments array(@Nullable Tensor tensor) {
        return array(tensor == null ? new Places.Place(places.run(), 0) : places.of(tensor));
    }

    /** A buffer that is read from its start. */
    Arguments buffer(cl_mem buffer) {
        return add(new Argument.Memory(buffer));
    }

    Arguments array(Places.Place place) {
        return buffer(place.buffer()).number(place.at());
    }

    /** Buffer, place of the first column, and the stride of the rows. */
    Arguments columns(Columns columns) {
        return array(places.of(columns)).number(columns.tensor().shape().columns());
    }

    private Arguments add(Argument argument) {
        list.add(argument);
        return this;
    }
}
