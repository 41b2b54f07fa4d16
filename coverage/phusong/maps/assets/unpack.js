"use strict";
/* Arrays as maps/explore.py packs them: differences along rows, byte by byte, deflated. */
(function (app) {
  const TYPES = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };
  const WHOLE = { 1: Uint8Array, 4: Uint32Array };

  async function inflate(text) {
    const signs = atob(text);
    const packed = new Uint8Array(signs.length);
    for (let i = 0; i < packed.length; i += 1) packed[i] = signs.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  app.unpack = async function ({ dtype, length, width, data }) {
    const type = TYPES[dtype];
    const size = type.BYTES_PER_ELEMENT;
    const planes = await inflate(data);
    if (size === 2) return new type(pairs(planes, length, width || length, width > 0).buffer);
    const bytes = size === 1 ? planes : new Uint8Array(length * size);
    if (size > 1) for (let plane = 0; plane < size; plane += 1) for (let i = 0; i < length; i += 1) bytes[i * size + plane] = planes[plane * length + i];
    if (width) {
      const whole = new WHOLE[size](bytes.buffer);
      for (let row = 0; row < length; row += width) for (let i = row + 1; i < row + width; i += 1) whole[i] += whole[i - 1];
    }
    return new type(bytes.buffer);
  };

  /* Of two bytes each, as the largest arrays are: in one go. */
  function pairs(planes, length, width, differences) {
    const whole = new Uint16Array(length);
    for (let row = 0; row < length; row += width) {
      let before = 0;
      for (let i = row; i < row + width; i += 1) {
        const value = planes[i] | (planes[length + i] << 8);
        before = differences ? before + value : value;
        whole[i] = before;
      }
    }
    return whole;
  }
})(phusong);
