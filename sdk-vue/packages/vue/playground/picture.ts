/** A drawn stand-in for a photograph: sky, ground, boxes. */
export function picture(seed: number, width: number, height: number): string {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pen = canvas.getContext('2d')
  if (!pen) return ''
  const sky = pen.createLinearGradient(0, 0, 0, height)
  sky.addColorStop(0, `hsl(${200 + seed * 9} 55% 70%)`)
  sky.addColorStop(1, `hsl(${30 + seed * 5} 60% 85%)`)
  pen.fillStyle = sky
  pen.fillRect(0, 0, width, height)
  pen.fillStyle = '#5b6470'
  pen.fillRect(0, height * 0.7, width, height * 0.3)
  for (let n = 0; n < 7; n++) {
    pen.fillStyle = `hsl(${(seed * 70 + n * 47) % 360} 45% 45%)`
    pen.fillRect(width * (0.04 + n * 0.13), height * (0.45 + ((seed + n) % 3) * 0.08), width * 0.11, height * 0.3)
  }
  return canvas.toDataURL('image/png')
}
