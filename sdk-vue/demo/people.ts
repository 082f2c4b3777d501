/** Somebody of the story, as the server tells the page. */
export interface DemoPerson {
  user_id: string
  display_name: string
  company: string
  email?: string
  phone?: string
  tenant: string
}
