package dev.gyre.opencl;

import dev.gyre.graph.Columns;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/** Sets the arguments of a kernel one after the other; the run block is the first of every kernel. */
final class Arguments {

    private final cl_kernel kernel;
    private final Places places;
    private final String what;
    private int index;

    Arguments(cl_kernel kernel, Places places, String what) {
        this.kernel = kernel;
        this.places = places;
        this.what = what;
        pointer(new Places.Place(places.run(), 0));
    }

    Arguments size(Size size) {
        return number(places.at(size));
    }

    Arguments number(int value) {
        return set(Sizeof.cl_int, Pointer.to(new int[] {value}));
    }

    Arguments real(float value) {
        return set(Sizeof.cl_float, Pointer.to(new float[] {value}));
    }

    /** Buffer and place; where there is no tensor the kernel is told so by another argument. */
    Arguments array(@Nullable Tensor tensor) {
        return array(tensor == null ? new Places.Place(places.run(), 0) : places.of(tensor));
    }

    /** A buffer that is read from its start. */
    Arguments buffer(cl_mem buffer) {
        return pointer(new Places.Place(buffer, 0));
    }

    Arguments array(Places.Place place) {
        return pointer(place).number(place.at());
    }

    /** Buffer, place of the first column, and the stride of the rows. */
    Arguments columns(Columns columns) {
        return array(places.of(columns)).number(columns.tensor().shape().columns());
    }

    private Arguments pointer(Places.Place place) {
        return set(Sizeof.cl_mem, Pointer.to(place.buffer()));
    }

    private Arguments set(long size, Pointer value) {
        int code = CL.clSetKernelArg(kernel, index, size, value);
        if (code != CL.CL_SUCCESS) {
            throw ClErrors.failure(code, "clSetKernelArg " + index + " of " + what, "the device");
        }
        index++;
        return this;
    }
}
